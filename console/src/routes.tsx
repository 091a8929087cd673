import { lazy } from "react";
import { Route, Switch } from "wouter";
import { PeoplePage } from "./pages/people";
import { ScopeLayout } from "./pages/scope";
import { Title } from "./ui/title";
import { useWords } from "./words/provider";

const AnnouncementsPage = lazy(async () => ({
  default: (await import("./pages/announcements")).AnnouncementsPage,
}));
const EventPage = lazy(async () => ({ default: (await import("./event/page")).EventPage }));
const HomePage = lazy(async () => ({ default: (await import("./pages/home")).HomePage }));
const HistoryPage = lazy(async () => ({ default: (await import("./pages/history")).HistoryPage }));
const MatrixPage = lazy(async () => ({ default: (await import("./pages/matrix")).MatrixPage }));
const OwnerPage = lazy(async () => ({ default: (await import("./pages/owner")).OwnerPage }));
const SupportPage = lazy(async () => ({ default: (await import("./pages/support")).SupportPage }));
const RolesPage = lazy(async () => ({ default: (await import("./roles/page")).RolesPage }));
const SeatsPage = lazy(async () => ({ default: (await import("./pages/seats")).SeatsPage }));

/** The pages by their addresses. */
export function Routes() {
  return (
    <Switch>
      <Route path="/" component={HomePage} />
      <Route path="/support" component={SupportPage} />
      <Route path="/scopes/:scope/*?">
        {({ scope }) => (
          <ScopeLayout key={scope} scope={scope}>
            <Switch>
              {/* One route, so that the list stays while a panel opens on it. */}
              <Route path={/^\/scopes\/[^/]+(?:\/people\/(?<person>[^/]+))?\/?$/}>
                {({ person }) => <PeoplePage scope={scope} person={person} />}
              </Route>
              <Route path="/scopes/:scope/matrix">
                <MatrixPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/history">
                <HistoryPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/event">
                <EventPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/seats">
                <SeatsPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/roles">
                <RolesPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/announcements">
                <AnnouncementsPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/owner">
                <OwnerPage scope={scope} />
              </Route>
              <Route component={NotFound} />
            </Switch>
          </ScopeLayout>
        )}
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}

function NotFound() {
  return <Title>{useWords().problems.notFound}</Title>;
}
