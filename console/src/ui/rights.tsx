import type { ReactNode } from "react";
import type { Permission } from "../api/client";
import { ACTIONS, type Action, type Entity, entitiesOf, permission } from "../api/permissions";
import { useWords } from "../words/provider";
import { actionName, entityName, permissionName } from "../words/rights";

interface TableProps {
  label: string;
  entities: readonly Entity[];
  cell: (permission: Permission, label: string) => ReactNode;
}

/** A table of rights: one row per entity, one column per action. */
export function RightsTable({ label, entities, cell }: TableProps) {
  const words = useWords();
  const used = ACTIONS.filter((action) => entities.some((entity) => permission(entity, action)));
  const at = (entity: Entity, action: Action) => {
    const here = permission(entity, action);
    return here && cell(here, permissionName(here, words));
  };
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="rights">
        <thead>
          <tr>
            <td />
            {used.map((action) => (
              <th key={action} scope="col">
                {actionName(action, words)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entities.map((entity) => (
            <tr key={entity}>
              <th scope="row">{entityName(entity, words)}</th>
              {used.map((action) => (
                <td key={action}>{at(entity, action)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A read-only table of rights. */
export function Rights({ rights }: { rights: ReadonlySet<Permission> }) {
  const words = useWords();
  return (
    <RightsTable
      label={words.role.permissions}
      entities={entitiesOf(rights)}
      cell={(each) =>
        rights.has(each) && (
          <span>
            <span aria-hidden="true">✓</span>
            <span className="sr">{words.yes}</span>
          </span>
        )
      }
    />
  );
}
