import { Link } from "wouter";
import { useVisibleScopes, type VisibleScopes } from "../api/queries";
import { isBelow, lineage, type ScopeLabel, topmost } from "../api/scopes";
import { useAccount } from "../session/provider";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";

/** The user's own access: the tree of clients, audiences, events and communities. */
export function HomePage() {
  const words = useWords();
  const { home } = words;
  const { email } = useAccount();
  const visible = useVisibleScopes();
  const none = visible.access?.access.length === 0;
  return (
    <div className="narrow">
      <Title>{none ? home.none : home.title}</Title>
      <Loaded of={visible.query}>
        {none ? (
          <p>{home.noneHelp(email)}</p>
        ) : (
          <>
            <p>{home.lead}</p>
            <Clients visible={visible} />
          </>
        )}
      </Loaded>
    </div>
  );
}

/** One tree per client. If the user only has access below the client, the client is a heading without a link. */
function Clients({ visible: { scopes, access } }: { visible: VisibleScopes }) {
  const roles = new Map(
    access?.access.flatMap((own) => own.scopes.map(({ scope, role }) => [scope, role] as const)),
  );
  return access?.access.map(({ client }) => {
    const own = scopes.filter(({ id }) => id === client.id || isBelow(id, client.id));
    const top = topmost(own.map(({ id }) => ({ scope: id })));
    const tops = own.filter(({ id }) => top.includes(id));
    return (
      <section key={client.id} className="card">
        {tops.some(({ id }) => id === client.id) || (
          <h2>
            <bdi>{client.name}</bdi>
          </h2>
        )}
        <Tree scopes={own} tops={tops} roles={roles} />
      </section>
    );
  });
}

interface TreeProps {
  scopes: ScopeLabel[];
  tops: ScopeLabel[];
  roles: Map<string, keyof ReturnType<typeof useWords>["roles"]>;
}

function Tree({ scopes, tops, roles }: TreeProps) {
  const words = useWords();
  return (
    <ul className="tree">
      {tops.map(({ id, name, level }) => {
        const depth = lineage(id).length;
        const below = scopes.filter(
          (other) => isBelow(other.id, id) && lineage(other.id).length === depth + 1,
        );
        const role = roles.get(id);
        return (
          <li key={id}>
            <Link href={`/scopes/${id}`}>
              <bdi>{name}</bdi>
            </Link>{" "}
            <span className="hint">{words.levels[level]}</span>{" "}
            {role && <span className="badge">{words.home.yourRole(words.roles[role])}</span>}
            {below.length > 0 && <Tree scopes={scopes} tops={below} roles={roles} />}
          </li>
        );
      })}
    </ul>
  );
}
