import { useMemo, useState } from "react";
import { batches, type Results } from "../api/batch";
import type { Collaborator, GivenRole, Permission, Seats } from "../api/client";
import { useNames } from "../api/names";
import { Problem } from "../api/problem";
import { useOwnRoles } from "../api/roles";
import { reachOf } from "../api/scopes";
import { EndField, endFault } from "../grid/end-field";
import type { EndChange } from "../grid/ends";
import { OutlivesField } from "../grid/outlives-field";
import { defaultRole, lacksRights, RoleFields } from "../grid/role-fields";
import { useDraft } from "../session/draft";
import { Dialog, DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { FileButton } from "../ui/file-button";
import { ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { en } from "../words/en";
import { fr } from "../words/fr";
import { useWords } from "../words/provider";
import type { Chosen } from "./columns";
import { ColumnsFields, MeaningsFields } from "./columns-fields";
import { type Fault, type Fixes, readList, withFixes, withoutLines } from "./lines";
import { isDone, isWaiting, LinesTable, type Result, sentLines } from "./lines-table";
import { NextStep } from "./next-step";
import { BATCH, useSending } from "./sending";
import { textOf } from "./table";
import { type InviteWords, useInviteWords } from "./words";

const LANGUAGES = [fr, en];

/** What is typed, without the columns and corrections of a list. */
export interface Draft {
  text: string;
  role: GivenRole | "";
  permissions: Permission[];
  end: EndChange;
  outlivesEvent?: boolean;
  /** Whether people wait if no seat is free. */
  wait?: boolean;
  name: string;
  message: string;
  locale: "" | "fr" | "en";
}

const EMPTY: Draft = {
  text: "",
  role: "",
  permissions: [],
  end: { to: "none" },
  name: "",
  message: "",
  locale: "",
};

interface Props {
  scope: string;
  roles: readonly GivenRole[];
  seats: Seats | undefined;
  onClose: () => void;
}

/** Invites one person or several: typed, pasted from anywhere, or from a file. */
export function InviteDialog({ scope, roles, seats, onClose }: Props) {
  const words = useWords();
  const invite = useInviteWords();
  const { nameOf, scopes } = useNames();
  const [draft, setDraft, forget] = useDraft(`invite ${scope}`, EMPTY);
  const [checked, setChecked] = useState(false);
  const [hasOptions] = useState(Boolean(draft.name || draft.message || draft.locale));
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const [meanings, setMeanings] = useState<ReadonlyMap<string, GivenRole>>(new Map());
  const [fixes, setFixes] = useState<Fixes>(new Map());
  const [results, setResults] = useState<Results<Collaborator>>(new Map());
  const role = draft.role || defaultRole(roles);
  const choice = { role, permissions: new Set(draft.permissions) };
  const simple = useMemo(() => roles.filter((each) => each !== "custom"), [roles]);
  const own = useOwnRoles(roles);
  const { text } = draft;
  const list = useMemo(
    () => readList(text, { fallback: role, roles: simple, words: LANGUAGES, own, chosen, meanings }),
    [text, role, simple, own, chosen, meanings],
  );
  // Until every column is known, the list may say something else than it means.
  const isKnown = list.columns.every(({ use }) => use);
  const lines = withFixes(isKnown ? list.lines : [], fixes);
  const isList = list.lines.length > 1;
  const open = lines.filter(({ line }) => !line.fault && !isDone(results.get(line.email)));
  const wrong = lines.filter(({ line }) => line.fault && line.fault !== "duplicate").length;
  const failed = open.filter(({ line }) => results.has(line.email)).length;
  const people = [...results.values()].filter(isDone);
  const done = people.length;
  const waiting = people.filter(isWaiting).length;
  const free = seats && seats.limit !== null ? Math.max(0, seats.limit - seats.used) : undefined;
  // The API knows better: free seats may be promised to people who wait.
  const isFull = [...results.values()].some(isSeatless) || (free !== undefined && open.length > free);
  const waits = isFull && (draft.wait ?? false);
  const isSent = done > 0 && open.length === 0 && wrong === 0;
  const close = () => {
    // The draft keeps only the lines that were not sent.
    if (isSent) forget();
    else if (done > 0) setDraft({ ...draft, text: withoutLines(draft.text, sentLines(lines, results)) });
    onClose();
  };
  const finished = () => {
    forget();
    onClose();
  };
  // The name of the form is that of one person.
  const form = { ...draft, wait: waits, ...(isList ? { name: "" } : {}) };
  const sending = useSending(scope, form, choice, setResults, finished);
  const endError = endFault(draft.end);
  const submit = () => {
    setChecked(true);
    if (sending.isPending || open.length === 0 || lacksRights(choice) || endError) return;
    // Lines without a result go first, in the same batches as before: the same keys then prevent a second invitation.
    const [unsent, refused] = [false, true].map((has) =>
      open.filter(({ line }) => results.has(line.email) === has).map(({ line }) => line),
    );
    sending.mutate([...batches(unsent ?? [], BATCH), ...batches(refused ?? [], BATCH)]);
  };
  const only = isList ? undefined : lines[0]?.line;
  const refused = only && results.get(only.email);
  const problem = refused instanceof Problem ? refused : undefined;
  const change = (changes: Partial<Draft>) => setDraft({ ...draft, ...changes });
  return (
    <Dialog
      title={invite.title(nameOf(scope))}
      onClose={close}
      busy={sending.isPending}
      size={isList ? "wide" : "normal"}
      onSubmit={submit}
      foot={
        <>
          {sending.error && <ProblemNote error={sending.error} onRetry={submit} />}
          {problem && problem.code !== "invalid-email" && (
            <ProblemNote error={problem} onRetry={submit}>
              <NextStep scope={scope} problem={problem} onGo={onClose} />
            </ProblemNote>
          )}
          {free !== undefined && open.length > Math.max(free, 1) && !problem && (
            <p className="note">{invite.tooFewSeats(open.length, free, waits)}</p>
          )}
          {isFull && open.length > 0 && (
            <label className="check">
              <input
                type="checkbox"
                checked={waits}
                onChange={(event) => change({ wait: event.target.checked })}
              />
              <span>
                {invite.wait} <span className="hint">{invite.waitHelp}</span>
              </span>
            </label>
          )}
          <p className="hint" role="status">
            {sending.isPending && invite.sending(done, done + open.length)}
            {!sending.isPending &&
              isList &&
              results.size > 0 &&
              invite.summary(done - waiting, failed, waiting)}
            {!sending.isPending && isList && results.size === 0 && invite.planned(open.length, wrong)}
            {free !== undefined && results.size === 0 && ` ${invite.seatsAfter(free)}`}
          </p>
          {isSent ? (
            <div className="buttons end">
              <button
                type="button"
                // biome-ignore lint/a11y/noAutofocus: the button that had the focus is gone
                autoFocus
                onClick={close}
              >
                {words.close}
              </button>
            </div>
          ) : (
            <DialogButtons
              onClose={close}
              busy={sending.isPending}
              {...(results.size > 0 ? { close: words.close } : {})}
            >
              <button type="submit" disabled={sending.isPending || (isList && open.length === 0)}>
                {isList
                  ? failed > 0 && failed === open.length
                    ? invite.again(failed)
                    : invite.sendMany(open.length)
                  : waits
                    ? invite.waitButton
                    : invite.send}
              </button>
            </DialogButtons>
          )}
        </>
      }
    >
      <p className="hint">{invite.reach(nameOf(scope), reachOf(scopes, scope))}</p>
      <Field
        label={invite.addresses}
        help={invite.addressesHelp}
        error={
          problem?.code === "invalid-email"
            ? problem.body?.detail
            : checked && !isList && only?.fault
              ? faultText(only.fault, invite)
              : checked && list.lines.length === 0
                ? invite.noAddress
                : undefined
        }
      >
        {(props) => (
          <textarea
            {...props}
            autoFocus
            className="addresses"
            rows={isList ? 5 : 2}
            value={draft.text}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              change({ text: event.target.value });
              setFixes(new Map());
              setChecked(false);
            }}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              submit();
            }}
          />
        )}
      </Field>
      <FileButton
        label={invite.file}
        accept={[".csv", ".txt", "text/csv", "text/plain"]}
        onFile={async (file) => {
          const text = textOf(await file.arrayBuffer());
          setChosen(new Map());
          setFixes(new Map());
          change({ text });
        }}
      />
      {list.columns.length > 0 && (
        <ColumnsFields columns={list.columns} heading={list.heading} onChoose={setChosen} />
      )}
      {lines.length > 0 && (
        <MeaningsFields words={list.unknownRoles} roles={simple} meanings={meanings} onChoose={setMeanings} />
      )}
      {isList && lines.length > 0 && (
        <LinesTable
          lines={lines}
          roles={simple}
          results={results}
          onFix={(key, fix) =>
            setFixes((before) => new Map([...before, [key, { ...before.get(key), ...fix }]]))
          }
        />
      )}
      <RoleFields
        roles={roles}
        choice={choice}
        onChoice={({ role, permissions }) => change({ role, permissions: [...permissions] })}
        error={checked && lacksRights(choice) ? words.role.chooseOne : undefined}
      />
      <EndField
        value={draft.end}
        onChange={(end) => change({ end: end ?? { to: "none" } })}
        error={checked && endError ? words.ends[endError] : undefined}
      />
      <OutlivesField
        scope={scope}
        value={draft.outlivesEvent ?? false}
        onChange={(outlivesEvent) => change({ outlivesEvent })}
      />
      <details open={hasOptions}>
        <summary>{invite.options}</summary>
        {!isList && (
          <Field label={invite.personName} optional>
            {(props) => (
              <input
                {...props}
                maxLength={100}
                autoComplete="off"
                value={draft.name}
                onChange={(event) => change({ name: event.target.value })}
              />
            )}
          </Field>
        )}
        <SelectField
          label={invite.locale}
          value={draft.locale}
          options={[
            ["", invite.localeDefault],
            ["fr", "Français"],
            ["en", "English"],
          ]}
          onChange={(locale) => change({ locale })}
        />
        <Field label={invite.message} help={invite.messageHelp} optional>
          {(props) => (
            <textarea
              {...props}
              maxLength={500}
              rows={3}
              value={draft.message}
              onChange={(event) => change({ message: event.target.value })}
            />
          )}
        </Field>
      </details>
    </Dialog>
  );
}

const isSeatless = (result: Result) => result instanceof Problem && result.code === "seat-limit-reached";

function faultText(fault: Fault, invite: InviteWords) {
  return typeof fault === "string" ? invite.faults[fault] : invite.noSuchRole(fault.unknownRole);
}
