import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useNames, VisibleScopesProvider } from "../api/names";
import { useScope } from "../api/queries";
import { OwnRolesProvider } from "../api/roles";
import { clientOf, hasBelow, lineage, ownsScope, permissionsAt } from "../api/scopes";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";

/** The frame of all pages of a scope: where it is, and its sections. */
export function ScopeLayout({ scope, children }: { scope: string; children: ReactNode }) {
  const words = useWords();
  const found = useScope(scope);
  return (
    <VisibleScopesProvider scope={scope}>
      {lineage(scope).length > 1 && (
        <nav aria-label={words.menu} className="path">
          <Breadcrumbs scope={scope} />
        </nav>
      )}
      {found.error && !found.data && <Title>{words.problems.title}</Title>}
      <Loaded of={found} lines={8}>
        <nav aria-label={words.tabs.label} className="tabs">
          <Tabs scope={scope} />
        </nav>
        <OwnRolesProvider scope={scope}>
          <Section scope={scope}>{children}</Section>
        </OwnRolesProvider>
      </Loaded>
    </VisibleScopesProvider>
  );
}

/** The scope and its ancestors; those without access are plain text. */
function Breadcrumbs({ scope }: { scope: string }) {
  const { nameOf, access } = useNames();
  return (
    <ol>
      {lineage(scope).map((id) => (
        <li key={id}>
          {permissionsAt(access, id).size > 0 && id !== scope ? (
            <Link href={`/scopes/${id}`}>{nameOf(id)}</Link>
          ) : (
            <span aria-current={id === scope ? "page" : undefined}>{nameOf(id)}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

/** The sections of a scope, and whether the user may see each. */
function useSections(scope: string) {
  const { tabs } = useWords();
  const { access } = useNames();
  const may = permissionsAt(access, scope);
  const isClient = scope === clientOf(scope);
  return [
    { at: "", label: tabs.people, shown: true },
    { at: "/matrix", label: tabs.matrix, shown: isClient && may.has("access:view") },
    { at: "/event", label: tabs.event, shown: !hasBelow(scope) && may.has("access:view") },
    { at: "/history", label: tabs.history, shown: may.has("history:view") },
    { at: "/seats", label: tabs.seats, shown: isClient && may.has("access:view") },
    { at: "/roles", label: tabs.roles, shown: isClient && may.has("access:manage") },
    { at: "/announcements", label: tabs.announcement, shown: may.has("access:manage") },
    { at: "/owner", label: tabs.owner, shown: ownsScope(access, scope) },
  ].map((section) => ({ ...section, path: `/scopes/${scope}${section.at}` }));
}

function Tabs({ scope }: { scope: string }) {
  const [path] = useLocation();
  const sections = useSections(scope).filter(({ shown }) => shown);
  const here = path.replace(/\/people\/[^/]+$/, "");
  return (
    <ul>
      {sections.map((section) => (
        <li key={section.at}>
          <Link href={section.path} aria-current={here === section.path ? "page" : undefined}>
            {section.label}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The page of a section, or a message that the user may not see it, for links shared between users. */
function Section({ scope, children }: { scope: string; children: ReactNode }) {
  const { problems } = useWords();
  const [path] = useLocation();
  const { access } = useNames();
  const section = useSections(scope).find((each) => each.path === path);
  if (!access || !section || section.shown) return children;
  return (
    <>
      <Title>{section.label}</Title>
      <p role="alert">{problems.notForYou}</p>
    </>
  );
}
