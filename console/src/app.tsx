import { Route, Switch } from "wouter";
import { AnnouncementsPage } from "./pages/announcements";
import { CollaboratorPage } from "./pages/collaborator";
import { HistoryPage } from "./pages/history";
import { HomePage } from "./pages/home";
import { InvitationPage } from "./pages/invitation";
import { OwnerPage } from "./pages/owner";
import { PeoplePage } from "./pages/people";
import { ScopeLayout } from "./pages/scope";
import { SeatsPage } from "./pages/seats";
import { SignedInPage, SignedOutPage, SignInPage } from "./pages/sign-in";
import { useOptionalAccount } from "./session/provider";
import { Layout } from "./ui/layout";
import { Title } from "./ui/title";
import { useWords } from "./words/provider";

/** The routes of the page. */
export function App() {
  const account = useOptionalAccount();
  return (
    <Layout>
      <Switch>
        <Route path="/signed-in" component={SignedInPage} />
        <Route path="/signed-out" component={SignedOutPage} />
        <Route path="/invitation" component={InvitationPage} />
        <Route>{account ? <SignedInRoutes /> : <SignInPage />}</Route>
      </Switch>
    </Layout>
  );
}

/** The routes for a signed-in user. */
function SignedInRoutes() {
  return (
    <Switch>
      <Route path="/" component={HomePage} />
      <Route path="/scopes/:scope/*?">
        {({ scope }) => (
          <ScopeLayout key={scope} scope={scope}>
            <Switch>
              <Route path="/scopes/:scope">
                <PeoplePage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/people/:id">
                {({ id }) => <CollaboratorPage key={id} scope={scope} id={id} />}
              </Route>
              <Route path="/scopes/:scope/history">
                <HistoryPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/seats">
                <SeatsPage scope={scope} />
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
