import { levels } from "virtual:catalogue";
import { useQuery } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { isolated } from "../ui/isolated";
import { useLanguage } from "../words/provider";
import { api, type ClientRole, data, type GivenRole, type Role } from "./client";
import { useScope } from "./queries";
import { clientOf } from "./scopes";

/** How long the roles of a client are taken as read, in milliseconds: they change rarely. */
const FRESH = 300_000;

/** The roles of the catalogue that can be granted: ownership is transferred instead. */
export const GRANTABLE: readonly GivenRole[] = Object.keys(levels).filter((role) => role !== "owner");

/** Whether the catalogue has a role. */
export const isInCatalogue = (role: Role): boolean => Object.hasOwn(levels, role) || role === "unknown";

/** The roles of a client, as read at one of its scopes. */
export function rolesOf(scope: string) {
  return {
    queryKey: ["roles", clientOf(scope)],
    queryFn: () => data(api.GET("/v1/scopes/{scope}/roles", { params: { path: { scope } } })),
  };
}

interface Own {
  /** The roles that the client defines, by key; undefined until they are loaded. */
  roles: ReadonlyMap<Role, ClientRole> | undefined;
  /** Loads them. */
  need: () => void;
  /** Loads them again. */
  renew: () => void;
}

const OwnRoles = createContext<Own>({
  roles: undefined,
  need: () => undefined,
  renew: () => undefined,
});

/** The roles that a client defines, by key. */
function ownAmong({ roles }: { roles: ClientRole[] }): ReadonlyMap<Role, ClientRole> {
  return new Map(roles.filter(({ source }) => source === "client").map((role) => [role.key, role]));
}

/** Provides the roles that the client of a scope defines. They are only read once a page shows a role outside the catalogue. */
export function OwnRolesProvider({ scope, children }: { scope: string; children: ReactNode }) {
  const [isNeeded, setNeeded] = useState(false);
  const { data: roles, refetch } = useQuery({
    ...rolesOf(scope),
    enabled: isNeeded,
    staleTime: FRESH,
    select: ownAmong,
  });
  const need = useCallback(() => setNeeded(true), []);
  const renew = useCallback(() => void refetch(), [refetch]);
  const own = useMemo(() => ({ roles, need, renew }), [roles, need, renew]);
  return <OwnRoles.Provider value={own}>{children}</OwnRoles.Provider>;
}

/** How a page shows roles: of the catalogue, or of the client. One that is deleted or not loaded yet is shown by its key. */
export function useRoleWords() {
  const { words, locale } = useLanguage();
  const { roles, need } = useContext(OwnRoles);
  const isMissing = useRef(false);
  useEffect(() => {
    if (isMissing.current) need();
  });
  const own = (role: Role) => {
    isMissing.current = true;
    return roles?.get(role);
  };
  return {
    roleName: (role: Role): string =>
      (isInCatalogue(role) && words.roles[role]) || isolated(own(role)?.name[locale] ?? role),
    roleHelp: (role: Role): string | undefined =>
      isInCatalogue(role) ? words.roleHelp[role] : own(role)?.description?.[locale],
  };
}

/** The roles that the client defines, if one of these roles is such a role. */
export function useOwnRoles(among: readonly Role[] | undefined): readonly ClientRole[] {
  const { roles, need, renew } = useContext(OwnRoles);
  const isNeeded = among?.some((role) => !isInCatalogue(role)) ?? false;
  useEffect(() => {
    if (isNeeded) need();
  }, [isNeeded, need]);
  // Someone defined a role since they were read.
  const isOld = roles && among?.some((role) => !isInCatalogue(role) && !roles.has(role));
  useEffect(() => {
    if (isOld) renew();
  }, [isOld, renew]);
  return useMemo(() => (isNeeded && roles ? [...roles.values()] : []), [isNeeded, roles]);
}

/** The roles that a scope offers, with the levels that each is made for: those of the catalogue first. */
function useOffered(scope: string) {
  const { data: here } = useScope(scope);
  const own = useOwnRoles(here?.roles);
  const all: [GivenRole, readonly string[]][] = [
    ...GRANTABLE.map((role): [GivenRole, readonly string[]] => [role, levels[role] ?? []]),
    ...own
      .filter(({ retiring }) => !retiring)
      .map(({ key, levels }): [GivenRole, readonly string[]] => [key, levels]),
  ];
  const isOffered = (role: GivenRole) => here?.roles.includes(role) ?? false;
  return { here, all, isOffered };
}

/** The roles that can be granted at a scope; empty until it is loaded. A client lists those that it offers at any level. */
export function useRoles(scope: string): readonly GivenRole[] {
  const { here, all, isOffered } = useOffered(scope);
  return all.filter(([role, at]) => here && isOffered(role) && at.includes(here.level)).map(([role]) => role);
}

/** The roles to look for at a scope and below: also those that are made for lower levels only. */
export function useRolesBelow(scope: string): readonly Role[] {
  const { here, all, isOffered } = useOffered(scope);
  const isBelow = (at: readonly string[]) => here?.level === "audience" && !at.includes("audience");
  return ["owner", ...all.filter(([role, at]) => isOffered(role) || isBelow(at)).map(([role]) => role)];
}
