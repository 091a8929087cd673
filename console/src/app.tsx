import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { InvitationPage } from "./pages/invitation";
import { SignedInPage, SignedOutPage, SignInPage } from "./pages/sign-in";
import { useOptionalAccount } from "./session/provider";
import { PlainLayout } from "./ui/plain-layout";
import { Skeleton } from "./ui/state";

/** All that only signed-in users see: an invited person does not load it. */
const SignedIn = lazy(async () => ({ default: (await import("./signed-in")).SignedIn }));

const ProblemsPage = lazy(async () => (await import("./signed-in")).problemsPage());

/** The routes of the page. */
export function App() {
  const account = useOptionalAccount();
  return (
    <Switch>
      <Route path="/signed-in">
        <PlainLayout>
          <SignedInPage />
        </PlainLayout>
      </Route>
      <Route path="/signed-out">
        <PlainLayout>
          <SignedOutPage />
        </PlainLayout>
      </Route>
      <Route path="/invitation">
        <PlainLayout>
          <InvitationPage />
        </PlainLayout>
      </Route>
      <Route path="/problems">
        <PlainLayout>
          <Suspense>
            <ProblemsPage />
          </Suspense>
        </PlainLayout>
      </Route>
      <Route>
        {account ? (
          <Suspense
            fallback={
              <PlainLayout>
                <Skeleton lines={6} />
              </PlainLayout>
            }
          >
            {/* Another account starts anew: neither its lists nor its dialogs are those of the last one. */}
            <SignedIn key={account.email} />
          </Suspense>
        ) : (
          <PlainLayout>
            <SignInPage />
          </PlainLayout>
        )}
      </Route>
    </Switch>
  );
}
