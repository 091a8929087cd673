import { useQuery } from "@tanstack/react-query";
import { api, type Collaborator, data } from "../api/client";
import { useNames } from "../api/names";
import { entitiesOf, PERMISSIONS } from "../api/permissions";
import { useRoleWords } from "../api/roles";
import { lineage } from "../api/scopes";
import { Rights, RightsTable } from "../ui/rights";
import { Loaded } from "../ui/state";
import { useWords } from "../words/provider";
import { useWaitingWords } from "./waiting-words";

/** The rights of a person at a scope, and the grant behind each, from the API's checks in one request. */
export function Reasons({ scope, collaborator }: { scope: string; collaborator: Collaborator }) {
  const words = useWords();
  const waiting = useWaitingWords();
  const { roleName } = useRoleWords();
  const { email, grants, id, status, version } = collaborator;
  const { nameOf } = useNames();
  const isComing = status === "pending" || status === "waiting";
  const checked = useQuery({
    queryKey: ["why", scope, id, version],
    enabled: !isComing,
    queryFn: async () => {
      const checks = PERMISSIONS.map((permission) => ({ email, scope, permission }));
      return (await data(api.POST("/v1/checks", { body: { checks } }))).results;
    },
  });
  if (isComing) {
    return (
      <>
        <p>{status === "waiting" ? waiting.rights : words.collaborator.pending}</p>
        <Rights
          rights={
            new Set(
              grants
                .filter((grant) => lineage(scope).includes(grant.scope))
                .flatMap(({ permissions }) => permissions),
            )
          }
        />
      </>
    );
  }
  const because = new Map(
    PERMISSIONS.map((permission, index) => [permission, checked.data?.[index]?.because]),
  );
  const allowed = PERMISSIONS.filter((permission) => because.get(permission));
  const sources = new Map(
    allowed.flatMap((permission) => {
      const grant = because.get(permission);
      return grant ? [[`${grant.role} ${grant.scope}`, grant] as const] : [];
    }),
  );
  const numbers = new Map([...sources.keys()].map((key, index) => [key, index + 1]));
  return (
    <Loaded of={checked}>
      {allowed.length === 0 && <p>{words.collaborator.nothing}</p>}
      {allowed.length > 0 && (
        <>
          <RightsTable
            label={words.collaborator.why}
            entities={entitiesOf(allowed)}
            cell={(permission) => {
              const grant = because.get(permission);
              if (!grant) return null;
              const source = [roleName(grant.role), nameOf(grant.scope)].filter(Boolean).join(" · ");
              return (
                <span title={source}>
                  <span aria-hidden="true">✓</span>
                  {sources.size > 1 && <sup>{numbers.get(`${grant.role} ${grant.scope}`)}</sup>}
                  <span className="sr">{source}</span>
                </span>
              );
            }}
          />
          {/* The numbers in the table, if there are several sources. */}
          <ol className="hint sources" data-single={sources.size === 1}>
            {[...sources].map(([key, { role, scope }]) => (
              <li key={key}>{[roleName(role), nameOf(scope)].filter(Boolean).join(" · ")}</li>
            ))}
          </ol>
        </>
      )}
    </Loaded>
  );
}
