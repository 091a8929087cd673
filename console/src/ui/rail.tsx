import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { OwnAccess } from "../api/client";
import { useVisibleScopes } from "../api/queries";
import { clientOf, isBelow, permissionsAt, type ScopeLabel } from "../api/scopes";
import { matcher } from "../words/folded";
import { useWords } from "../words/provider";
import { useBrandColour } from "./brand-colour";
import { Icon, type IconName } from "./icon";
import { MenuButton } from "./menu";
import { SEARCHED, SearchBox } from "./search-box";
import { Skeleton } from "./state";

/** The scope that the page is about, by its address. */
function useScopeOfPath(): string | undefined {
  const [path] = useLocation();
  return /^\/scopes\/([^/]+)/.exec(path)?.[1];
}

/** The client that the page is about: that of the address, else the only one. */
function useOwnClient(): OwnAccess["access"][number] | undefined {
  const scope = useScopeOfPath();
  const { access } = useVisibleScopes(scope);
  const all = access?.access ?? [];
  if (scope) return all.find(({ client }) => client.id === clientOf(scope));
  return all.length === 1 ? all[0] : undefined;
}

/** How the client of the page looks. Its colour applies to the whole page. */
export function useBrand(): { name?: string; logoUrl?: string; platformUrl?: string | null } {
  const client = useOwnClient()?.client;
  useBrandColour(client?.accentColor);
  return {
    ...(client ? { name: client.name, platformUrl: client.platformUrl } : {}),
    ...(client?.logoUrl ? { logoUrl: client.logoUrl } : {}),
  };
}

/** The clients of the user, and the events of the one they look at. */
export function Rail() {
  const { rail } = useWords();
  const { access, scopes, query } = useVisibleScopes(useScopeOfPath());
  const [, navigate] = useLocation();
  const own = useOwnClient();
  const clients = access?.access.map(({ client }) => client) ?? [];
  if (!access) return query.error ? null : <Skeleton lines={5} />;
  return (
    <>
      {clients.length > 1 && (
        <MenuButton
          className="plain switcher"
          label={rail.client(own?.client.name ?? rail.choose)}
          selected={own?.client.id ?? ""}
          entries={clients.map(({ id, name }) => ({
            id,
            label: name,
            onAction: () => navigate(firstPage(access, scopes, id)),
          }))}
        >
          <bdi>{own?.client.name ?? rail.choose}</bdi>
          <Icon of="open" />
        </MenuButton>
      )}
      <ul className="plain-list">
        <RailLink href="/" icon="home" label={rail.home} />
        {access.support && <RailLink href="/support" icon="search" label={rail.support} />}
        {own && permissionsAt(access, own.client.id).size > 0 && (
          <RailLink href={`/scopes/${own.client.id}`} icon="client" label={rail.wholeClient} isPrefix />
        )}
      </ul>
      {own && <Events scopes={scopes.filter(({ id }) => isBelow(id, own.client.id))} />}
    </>
  );
}

/** The page of a client, or of the first scope in it that the user can see. */
function firstPage(access: OwnAccess, scopes: readonly ScopeLabel[], client: string): string {
  if (permissionsAt(access, client).size > 0) return `/scopes/${client}`;
  return `/scopes/${scopes.find(({ id }) => isBelow(id, client))?.id ?? client}`;
}

/** The groups and events of a client, with a search if there are many. */
function Events({ scopes }: { scopes: readonly ScopeLabel[] }) {
  const { rail } = useWords();
  const [q, setQ] = useState("");
  const matches = matcher(q);
  const leaves = scopes.filter(({ level }) => level !== "audience");
  const found = q.trim() ? leaves.filter(({ name }) => matches(name)) : scopes;
  if (scopes.length === 0) return null;
  return (
    <>
      <h2 className="rail-title">{rail.events}</h2>
      {leaves.length >= SEARCHED && <SearchBox label={rail.search} value={q} onChange={setQ} />}
      <ul className="plain-list rail-events">
        {found.map(({ id, name, level }) => (
          <RailLink
            key={id}
            href={`/scopes/${id}`}
            icon={level === "audience" ? undefined : level === "event" ? "event" : "people"}
            label={name}
            isPrefix
          />
        ))}
      </ul>
      {found.length === 0 && <p className="hint">{rail.none}</p>}
    </>
  );
}

interface LinkProps {
  href: string;
  icon: IconName | undefined;
  label: string;
  /** Whether the pages below the address are part of it. */
  isPrefix?: boolean;
}

function RailLink({ href, icon, label, isPrefix = false }: LinkProps) {
  const [path] = useLocation();
  const isHere = path === href || (isPrefix && path.startsWith(`${href}/`));
  return (
    <li data-group={icon === undefined}>
      <Link href={href} aria-current={isHere ? "page" : undefined}>
        {icon && <Icon of={icon} />}
        <bdi>{label}</bdi>
      </Link>
    </li>
  );
}
