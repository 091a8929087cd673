import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { batches, type OnResults, type Results } from "../api/batch";
import { api, type Collaborator, data, type GivenRole } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { Problem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { useWords, WORDS } from "../words/provider";
import type { Chosen } from "./columns";
import { ColumnsFields, MeaningsFields } from "./columns-fields";
import { type Line, readList } from "./lines";
import { isDone, LinesTable, type Result } from "./lines-table";
import type { FormProps } from "./one";
import { textOf } from "./table";

/** The most invitations in one request. */
const BATCH = 50;

const LANGUAGES = Object.values(WORDS);

/** The form for several people: a pasted list or a file, with a check and a result for each line. */
export function InviteMany({ scope, roles, free, onBusy, onClose }: FormProps) {
  const words = useWords();
  const { invite } = words;
  const simple = roles.filter((role) => role !== "custom");
  const [text, setText] = useState("");
  const [fallback, setFallback] = useState<GivenRole>(simple.at(-1) ?? "reader");
  const [results, setResults] = useState<Results<Collaborator>>(new Map());
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const [meanings, setMeanings] = useState<ReadonlyMap<string, GivenRole>>(new Map());
  const list = readList(text, { fallback, roles: simple, words: LANGUAGES, chosen, meanings });
  // Until every column is known, the list may say something else than it means.
  const lines = list.columns.every(({ use }) => use) ? list.lines : [];
  const open = lines.filter((line) => !line.fault && !isDone(results.get(line.email)));
  const sending = useSending(scope, setResults);
  useEffect(() => onBusy(sending.isPending), [onBusy, sending.isPending]);
  // Lines without a result go first, in the same batches as before: the same keys then prevent a second invitation.
  const failed = open.filter(({ email }) => results.has(email));
  const unsent = open.filter(({ email }) => !results.has(email));
  const sendAll = () => sending.mutate([...batches(unsent, BATCH), ...batches(failed, BATCH)]);
  const done = [...results.values()].filter(isDone).length;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        sendAll();
      }}
    >
      <Field label={invite.lines} help={invite.linesHelp}>
        {(props) => (
          <textarea
            {...props}
            rows={6}
            value={text}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Field label={invite.file}>
        {(props) => (
          <input
            {...props}
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            onChange={async (event) => {
              const file = event.target.files?.[0];
              if (!file) return;
              setText(textOf(await file.arrayBuffer()));
              setChosen(new Map());
            }}
          />
        )}
      </Field>
      <SelectField
        label={invite.role}
        value={fallback}
        options={simple.map((role) => [role, words.roles[role]])}
        onChange={setFallback}
      />
      {list.columns.length > 0 && (
        <ColumnsFields columns={list.columns} heading={list.heading} onChoose={setChosen} />
      )}
      {lines.length > 0 && (
        <MeaningsFields words={list.unknownRoles} roles={simple} meanings={meanings} onChoose={setMeanings} />
      )}
      {lines.length > 0 && <LinesTable lines={lines} results={results} />}
      {free !== undefined && open.length > free && (
        <p className="note">{invite.tooFewSeats(open.length, free)}</p>
      )}
      <p role="status">
        {sending.isPending && invite.sending(done, done + open.length)}
        {!sending.isPending && results.size > 0 && invite.summary(done, failed.length)}
      </p>
      {sending.error && <ProblemNote error={sending.error} onRetry={sendAll} />}
      <DialogButtons
        onClose={onClose}
        busy={sending.isPending}
        close={results.size > 0 ? words.close : words.cancel}
      >
        <button type="submit" disabled={open.length === 0 || sending.isPending}>
          {failed.length > 0 && unsent.length === 0
            ? invite.again(failed.length)
            : invite.sendMany(open.length)}
        </button>
      </DialogButtons>
    </form>
  );
}

/** Sends the lines in batches, and passes on the results of each batch as they arrive. */
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
    onSettled: () => invalidateClient(queries, scope),
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
  const response = await data(api.POST("/v1/scopes/{scope}/collaborators", { params, body }));
  if (!("results" in response)) throw new Error("expected a batch response");
  return response.results.map((result) => {
    const email = lines[result.index]?.email ?? "";
    return [
      email,
      "problem" in result ? new Problem(result.problem.code, result.problem) : result.collaborator,
    ];
  });
}
