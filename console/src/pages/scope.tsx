import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useNames, useOwnAccess, useScope } from "../api/queries";
import { clientOf, held, ownsAt } from "../api/scopes";
import { Loaded } from "../ui/state";
import { useWords } from "../words/provider";

/** What stands around all pages of a scope: the way to it, and what can be done there. */
export function ScopeLayout({ scope, children }: { scope: string; children: ReactNode }) {
  const words = useWords();
  const found = useScope(scope);
  return (
    <>
      <nav aria-label={words.menu} className="path">
        <Path scope={scope} />
      </nav>
      <Loaded pending={found.isPending} error={found.error} onRetry={found.refetch}>
        <nav aria-label={words.tabs.label} className="tabs">
          <Tabs scope={scope} />
        </nav>
        {children}
      </Loaded>
    </>
  );
}

/** The scope and those above it; what the caller does not reach is a word and no link. */
function Path({ scope }: { scope: string }) {
  const words = useWords();
  const names = useNames();
  const access = useOwnAccess();
  return (
    <ol>
      <li>
        <Link href="/">{words.home.title}</Link>
      </li>
      {names.path(scope).map(({ id, name }) => (
        <li key={id}>
          {held(access.data, id).size > 0 ? (
            <Link href={`/scopes/${id}`} aria-current={id === scope ? "page" : undefined}>
              {name}
            </Link>
          ) : (
            name
          )}
        </li>
      ))}
    </ol>
  );
}

function Tabs({ scope }: { scope: string }) {
  const { tabs } = useWords();
  const [path] = useLocation();
  const { data: access } = useOwnAccess();
  const { data: found } = useScope(scope);
  const may = held(access, scope);
  const isClient = scope === clientOf(scope);
  const entries = [
    { at: "", label: tabs.people, shown: true },
    { at: "/history", label: tabs.history, shown: may.has("history:view") },
    { at: "/seats", label: tabs.seats, shown: isClient && may.has("access:view") },
    { at: "/notices", label: tabs.notices, shown: may.has("access:manage") },
    { at: "/owner", label: tabs.owner, shown: Boolean(found?.owner) && ownsAt(access, scope) },
  ];
  const base = `/scopes/${scope}`;
  return (
    <ul>
      {entries.map(
        ({ at, label, shown }) =>
          shown && (
            <li key={at}>
              <Link href={base + at} aria-current={path === base + at ? "page" : undefined}>
                {label}
              </Link>
            </li>
          ),
      )}
    </ul>
  );
}
