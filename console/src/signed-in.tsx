import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { QUERY_OPTIONS } from "./api/query-options";
import { Routes } from "./routes";

import "./styles/overlays.css";
import "./styles/team.css";
import "./styles/pages.css";
import "./styles/print.css";
import { Layout } from "./ui/layout";
import { Skeleton } from "./ui/state";
import { useLanguage } from "./words/provider";
import { regional } from "./words/region";

/** The pages of a signed-in user. */
export function SignedIn() {
  const { locale } = useLanguage();
  const [queries] = useState(() => new QueryClient(QUERY_OPTIONS));
  return (
    <QueryClientProvider client={queries}>
      <I18nProvider locale={regional(locale)}>
        <Layout>
          <Suspense fallback={<Skeleton lines={6} />}>
            <Routes />
          </Suspense>
        </Layout>
      </I18nProvider>
    </QueryClientProvider>
  );
}

/** The list of problems, which needs no sign-in. */
export const problemsPage = async () => ({ default: (await import("./pages/home")).ProblemsPage });
