import { Link } from "wouter";
import { type Reach, useReach } from "../api/queries";
import { isBelow, lineage, type ScopeLabel, topmost } from "../api/scopes";
import { usePerson } from "../session/provider";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";

/** Where the caller has access: the tree of clients, audiences, events and communities. */
export function HomePage() {
  const words = useWords();
  const { home } = words;
  const { email } = usePerson();
  const reach = useReach();
  const none = reach.access?.access.length === 0;
  return (
    <div className="narrow">
      <Title>{none ? home.none : home.title}</Title>
      <Loaded of={reach.read}>
        {none ? (
          <p>{home.noneHelp(email)}</p>
        ) : (
          <>
            <p>{home.lead}</p>
            <Clients reach={reach} />
          </>
        )}
      </Loaded>
    </div>
  );
}

/** A tree a client; where one only holds something further down, the client is a heading and no link. */
function Clients({ reach }: { reach: Reach }) {
  const { scopes, access } = reach;
  const roles = new Map(
    access?.access.flatMap((held) => held.scopes.map(({ scope, role }) => [scope, role] as const)),
  );
  return access?.access.map(({ client }) => {
    const own = scopes.filter(({ id }) => id === client.id || isBelow(id, client.id));
    const top = topmost(own.map(({ id }) => ({ scope: id })));
    const tops = own.filter(({ id }) => top.includes(id));
    return (
      <section key={client.id} className="card">
        {tops.some(({ id }) => id === client.id) || <h2>{client.name}</h2>}
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
            <Link href={`/scopes/${id}`}>{name}</Link> <span className="hint">{words.levels[level]}</span>{" "}
            {role && <span className="badge">{words.home.yourRole(words.roles[role])}</span>}
            {below.length > 0 && <Tree scopes={scopes} tops={below} roles={roles} />}
          </li>
        );
      })}
    </ul>
  );
}
