import type { Results } from "../api/batch";
import type { Collaborator, GivenRole, Role } from "../api/client";
import { Problem } from "../api/problem";
import { useRoleWords } from "../api/roles";
import { Icon } from "../ui/icon";
import { MenuButton } from "../ui/menu";
import { problemLine } from "../ui/problem";
import { Table } from "../ui/table";
import type { Words } from "../words/fr";
import { useWords } from "../words/provider";
import type { Line } from "./lines";
import { type InviteWords, useInviteWords } from "./words";

/** The result of a line. */
export type Result = Collaborator | Problem;

export function isDone(result: Result | undefined): result is Collaborator {
  return result !== undefined && !(result instanceof Problem);
}

export const isWaiting = ({ status }: Collaborator) => status === "waiting";

/** The numbers of the lines whose people are all invited. */
export function sentLines(lines: Props["lines"], results: Results<Collaborator>): ReadonlySet<number> {
  const open = new Set(
    lines.filter(({ line }) => !isDone(results.get(line.email))).map(({ line }) => line.number),
  );
  return new Set(lines.map(({ line }) => line.number).filter((number) => !open.has(number)));
}

interface Props {
  lines: { key: string; line: Line }[];
  roles: readonly GivenRole[];
  results: Results<Collaborator>;
  /** Corrects the address or role of a line. */
  onFix: (key: string, fix: { email?: string; role?: GivenRole }) => void;
}

/** The people of a list, with the state of each. A wrong address or role is corrected in its row. */
export function LinesTable({ lines, roles, results, onFix }: Props) {
  const words = useWords();
  const { roleName } = useRoleWords();
  const { grid } = words;
  const invite = useInviteWords();
  const roleText = (role: Role | null | undefined) => (role ? roleName(role) : "");
  return (
    <Table label={invite.result} columns={[invite.line, grid.person, grid.role, invite.result]} tall>
      {Array.from(lines.entries(), ([position, { key, line }]) => {
        const result = line.fault === "duplicate" ? undefined : results.get(line.email);
        const wrong = Boolean(line.fault) || result instanceof Problem;
        const isOpen = !isDone(result);
        const badAddress =
          isOpen &&
          (line.fault === "no-address" || (result instanceof Problem && result.code === "invalid-email"));
        return (
          <tr key={`${key} ${position}`}>
            <td>{line.number}</td>
            <th scope="row">
              {badAddress ? (
                <input
                  aria-label={invite.fixAddress(line.number)}
                  aria-invalid
                  defaultValue={line.email}
                  spellCheck={false}
                  onBlur={(event) => onFix(key, { email: event.target.value })}
                />
              ) : (
                line.email
              )}
              {line.name && (
                <span className="hint">
                  {" "}
                  <bdi>{line.name}</bdi>
                </span>
              )}
            </th>
            <td>
              {isOpen && line.fault !== "duplicate" ? (
                <MenuButton
                  className={line.role ? "quiet cell-menu" : "plain"}
                  label={`${invite.fixRole(line.number)}${words.colon}${line.role ? roleName(line.role) : invite.toChoose}`}
                  selected={line.role ?? ""}
                  entries={rolesWith(roles, line.role).map((role) => ({
                    id: role,
                    label: roleName(role),
                    onAction: () => onFix(key, { role }),
                  }))}
                >
                  {line.role ? roleName(line.role) : invite.toChoose} <Icon of="open" />
                </MenuButton>
              ) : (
                roleText(roleOf(line, result))
              )}
            </td>
            <td className={wrong ? "error" : undefined}>{lineStatus(line, result, invite, words)}</td>
          </tr>
        );
      })}
    </Table>
  );
}

/** The roles with the one of the line, which may be a custom role of the form. */
const rolesWith = (roles: readonly GivenRole[], role: GivenRole | undefined) =>
  role && !roles.includes(role) ? [...roles, role] : roles;

/** The role granted to a line, or the one it asks for. */
function roleOf(line: Line, result: Result | undefined): Role | null | undefined {
  return isDone(result) ? result.role : line.role;
}

/** The state of a line, before and after it was sent. */
function lineStatus({ fault }: Line, result: Result | undefined, invite: InviteWords, words: Words): string {
  if (typeof fault === "string") return invite.faults[fault];
  if (fault) return invite.noSuchRole(fault.unknownRole);
  if (!result) return invite.ready;
  if (result instanceof Problem) return problemLine(result, words);
  if (isWaiting(result)) return invite.doneWaiting(result.position ?? 1);
  return result.status === "active" ? invite.doneActive : invite.done;
}
