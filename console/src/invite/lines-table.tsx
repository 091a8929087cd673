import type { Results } from "../api/batch";
import type { Collaborator } from "../api/client";
import { Problem } from "../api/problem";
import { problemLine } from "../ui/problem";
import { Table } from "../ui/table";
import type { Words } from "../words/fr";
import { useWords } from "../words/provider";
import type { Line } from "./lines";

/** The result of a line. */
export type Result = Collaborator | Problem;

export function isDone(result: Result | undefined): result is Collaborator {
  return result !== undefined && !(result instanceof Problem);
}

/** The people of a list, with the state of each. */
export function LinesTable({ lines, results }: { lines: Line[]; results: Results<Collaborator> }) {
  const words = useWords();
  const { invite, grid } = words;
  return (
    <Table label={invite.result} columns={[invite.line, grid.person, grid.role, invite.result]} tall>
      {Array.from(lines.entries(), ([position, line]) => {
        const result = line.fault === "duplicate" ? undefined : results.get(line.email);
        const wrong = Boolean(line.fault) || result instanceof Problem;
        return (
          <tr key={position}>
            <td>{line.number}</td>
            <th scope="row">
              {line.email}
              {line.name && (
                <span className="hint">
                  {" "}
                  <bdi>{line.name}</bdi>
                </span>
              )}
            </th>
            <td>{roleOf(line, result, words)}</td>
            <td className={wrong ? "error" : undefined}>{lineStatus(line, result, words)}</td>
          </tr>
        );
      })}
    </Table>
  );
}

/** The role granted to a line, or the one it asks for. */
function roleOf(line: Line, result: Result | undefined, words: Words): string {
  const role = isDone(result) ? result.role : line.role;
  return role ? words.roles[role] : "";
}

/** The state of a line, before and after it was sent. */
function lineStatus({ fault }: Line, result: Result | undefined, words: Words): string {
  const { invite } = words;
  if (typeof fault === "string") return invite.faults[fault];
  if (fault) return invite.noSuchRole(fault.unknownRole);
  if (!result) return invite.ready;
  if (result instanceof Problem) return problemLine(result, words);
  return result.status === "active" ? invite.doneActive : invite.done;
}
