import { Route, Switch } from "wouter";
import { HistoryPage } from "./pages/history";
import { HomePage } from "./pages/home";
import { InvitationPage } from "./pages/invitation";
import { NoticesPage } from "./pages/notices";
import { OwnerPage } from "./pages/owner";
import { PeoplePage } from "./pages/people";
import { PersonPage } from "./pages/person";
import { ScopeLayout } from "./pages/scope";
import { SeatsPage } from "./pages/seats";
import { SignedInPage, SignedOutPage, SignInPage } from "./pages/sign-in";
import { usePersonIfAny } from "./session/provider";
import { Layout } from "./ui/layout";
import { Title } from "./ui/title";
import { useWords } from "./words/provider";

/** All pages by their paths. */
export function App() {
  const person = usePersonIfAny();
  return (
    <Layout>
      <Switch>
        <Route path="/signed-in" component={SignedInPage} />
        <Route path="/signed-out" component={SignedOutPage} />
        <Route path="/invitation" component={InvitationPage} />
        <Route>{person ? <Inside /> : <SignInPage />}</Route>
      </Switch>
    </Layout>
  );
}

/** The pages of somebody who is signed in. */
function Inside() {
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
                {({ id }) => <PersonPage key={id} scope={scope} id={id} />}
              </Route>
              <Route path="/scopes/:scope/history">
                <HistoryPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/seats">
                <SeatsPage scope={scope} />
              </Route>
              <Route path="/scopes/:scope/notices">
                <NoticesPage scope={scope} />
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
