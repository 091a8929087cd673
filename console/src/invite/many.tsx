import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { batches, type OnResults, type Results } from "../api/batch";
import { api, type Collaborator, data, type GivenRole } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { Problem } from "../api/problem";
import { changed } from "../api/queries";
import { DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { ProblemNote, toldInLine } from "../ui/problem";
import { Table } from "../ui/table";
import type { Words } from "../words/fr";
import { useWords, WORDS } from "../words/provider";
import { type Line, readLines, textOf } from "./lines";
import type { FormProps } from "./one";

/** How many invitations one request takes. */
const BATCH = 50;

const LANGUAGES = Object.values(WORDS);

/** What became of a line. */
type Result = Collaborator | Problem;

/** The form for many: a list that is pasted or read from a file, checked line by line before and told line by line after. */
export function InviteMany({ scope, roles, free, onBusy, onClose }: FormProps) {
  const words = useWords();
  const { invite } = words;
  const simple = roles.filter((role) => role !== "custom");
  const [text, setText] = useState("");
  const [fallback, setFallback] = useState<GivenRole>(simple.at(-1) ?? "reader");
  const [results, setResults] = useState<Results<Collaborator>>(new Map());
  const lines = readLines(text, fallback, roles, LANGUAGES);
  const open = lines.filter((line) => !line.fault && !isDone(results.get(line.email)));
  const sending = useSending(scope, setResults);
  useEffect(() => onBusy(sending.isPending), [onBusy, sending.isPending]);
  // What had no answer goes first, in the batches of before: those have their keys, and what was done of them is not done twice.
  const [refusedLines, unanswered] = [
    open.filter(({ email }) => results.has(email)),
    open.filter(({ email }) => !results.has(email)),
  ];
  const refused = refusedLines.length;
  const sendAll = () => sending.mutate([...batches(unanswered, BATCH), ...batches(refusedLines, BATCH)]);
  const done = [...results.values()].filter(isDone).length;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        sendAll();
      }}
    >
      <Field label={invite.lines} help={invite.linesHelp}>
        {(tie) => (
          <textarea
            {...tie}
            rows={6}
            value={text}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Field label={invite.file}>
        {(tie) => (
          <input
            {...tie}
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            onChange={async (event) => {
              const file = event.target.files?.[0];
              if (file) setText(textOf(await file.arrayBuffer()));
            }}
          />
        )}
      </Field>
      <Field label={invite.role}>
        {(tie) => (
          <select
            {...tie}
            value={fallback}
            onChange={(event) => setFallback(event.target.value as GivenRole)}
          >
            {simple.map((role) => (
              <option key={role} value={role}>
                {words.roles[role]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {lines.length > 0 && <Lines lines={lines} results={results} />}
      {free !== undefined && open.length > free && (
        <p className="note">{invite.tooFewSeats(open.length, free)}</p>
      )}
      <p role="status">
        {sending.isPending && invite.sending(done, done + open.length)}
        {!sending.isPending && results.size > 0 && invite.summary(done, refused)}
      </p>
      {sending.error && <ProblemNote error={sending.error} onRetry={sendAll} />}
      <DialogButtons
        onClose={onClose}
        busy={sending.isPending}
        close={results.size > 0 ? words.close : words.cancel}
      >
        <button type="submit" disabled={open.length === 0 || sending.isPending}>
          {refused > 0 && refused === open.length ? invite.again(refused) : invite.sendMany(open.length)}
        </button>
      </DialogButtons>
    </form>
  );
}

function isDone(result: Result | undefined): result is Collaborator {
  return result !== undefined && !(result instanceof Problem);
}

function Lines({ lines, results }: { lines: Line[]; results: Results<Collaborator> }) {
  const words = useWords();
  const { invite, grid } = words;
  return (
    <Table label={invite.result} columns={[invite.line, grid.person, grid.role, invite.result]} tall>
      {lines.map((line) => {
        const result = line.fault === "duplicate" ? undefined : results.get(line.email);
        const wrong = Boolean(line.fault) || result instanceof Problem;
        return (
          <tr key={line.number}>
            <td>{line.number}</td>
            <th scope="row">
              {line.email}
              {line.name && <span className="hint"> {line.name}</span>}
            </th>
            <td>{roleOf(line, result, words)}</td>
            <td className={wrong ? "error" : undefined}>{verdict(line, result, words)}</td>
          </tr>
        );
      })}
    </Table>
  );
}

/** The role of a line: the one that was given, or else the one that would be. */
function roleOf(line: Line, result: Result | undefined, words: Words): string {
  const role = isDone(result) ? result.role : line.role;
  return role ? words.roles[role] : "";
}

/** What is to be said of a line, before and after it was sent. */
function verdict(line: Line, result: Result | undefined, words: Words): string {
  const { invite } = words;
  if (line.fault === "no-address") return invite.noAddress;
  if (line.fault === "duplicate") return invite.duplicate;
  if (line.fault) return invite.noSuchRole(line.fault.unknownRole);
  if (!result) return invite.ready;
  if (result instanceof Problem) return toldInLine(result, words);
  return result.status === "active" ? invite.doneActive : invite.done;
}

/** Sends the lines in batches, and tells of each batch as soon as it is answered. */
function useSending(scope: string, onResults: OnResults<Collaborator>) {
  const queries = useQueryClient();
  const keys = useKeys();
  return useMutation({
    mutationFn: async (lines: Line[][]) => {
      for (const batch of lines) {
        const results = await send(scope, batch, keys);
        onResults((before) => new Map([...before, ...results]));
      }
    },
    onSettled: () => changed(queries, scope),
  });
}

async function send(scope: string, lines: Line[], keys: Keys): Promise<[string, Result][]> {
  const invitations = lines.map(({ email, name, role }) => ({
    email,
    role: role ?? "",
    ...(name ? { name } : {}),
  }));
  const body = { invitations };
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
  const answer = await data(api.POST("/v1/scopes/{scope}/collaborators", { params, body }));
  if (!("results" in answer)) throw new Error("several invitations were answered as one");
  return answer.results.map((result) => {
    const email = lines[result.index]?.email ?? "";
    return [
      email,
      "problem" in result ? new Problem(result.problem.code, result.problem) : result.collaborator,
    ];
  });
}
