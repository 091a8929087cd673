import { useOwnAccess } from "../api/queries";
import { clientOf, held, lineage } from "../api/scopes";
import { Rights } from "../ui/rights";
import { useWords } from "../words/provider";

/** What somebody holds at a scope who may not see who else has access there. */
export function OwnRights({ scope }: { scope: string }) {
  const words = useWords();
  const { data } = useOwnAccess();
  const own = data?.access.find(({ client }) => client.id === clientOf(scope))?.scopes ?? [];
  const here = own.filter((at) => lineage(scope).includes(at.scope));
  return (
    <>
      <p>{words.grid.mayNotList}</p>
      <p>
        {here.map(({ scope, role }) => (
          <span key={scope} className="badge">
            {words.roles[role]}
          </span>
        ))}
      </p>
      <Rights held={held(data, scope)} />
    </>
  );
}
