import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { batches, type OnResults, type Results } from "../api/batch";
import { api, type Collaborator, data, type GivenRole } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { useNames } from "../api/names";
import { Problem } from "../api/problem";
import { invalidateClient, useRoles } from "../api/queries";
import { Dialog, DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { fromLocalInput, LAST_INPUT } from "../words/dates";
import { useWords } from "../words/provider";
import { ResultsDialog } from "./results";

/** The most changes in one request. */
const BATCH = 100;

interface Props {
  scope: string;
  collaborators: Collaborator[];
  onClose: () => void;
}

type End = "same" | "none" | "date";

/** The same change for everyone. Fields that are left out keep their value. */
interface Change {
  role?: GivenRole;
  expiresAt?: string | null;
}

/** Changes the role or the end of access of several people at one scope. */
export function ChangesDialog({ scope, collaborators, onClose }: Props) {
  const words = useWords();
  const { changes } = words;
  const { nameOf } = useNames();
  const roles = useRoles(scope).filter((role) => role !== "custom");
  const [role, setRole] = useState<GivenRole | "">("");
  const [end, setEnd] = useState<End>("same");
  const [date, setDate] = useState("");
  const [error, setError] = useState<string>();
  const [results, setResults] = useState<Results<Collaborator>>(new Map());
  const changing = useChanging(scope, setResults);
  const submit = () => {
    if (role === "" && end === "same") return setError(changes.nothing);
    if (end === "date" && date === "") return setError(changes.noDate);
    setError(undefined);
    const change: Change = {
      ...(role ? { role } : {}),
      ...(end === "none" ? { expiresAt: null } : {}),
      ...(end === "date" ? { expiresAt: fromLocalInput(date) } : {}),
    };
    return changing.mutate({ change, collaborators: collaborators.filter(({ id }) => !results.has(id)) });
  };
  if (results.size > 0 && !changing.isPending && !changing.error)
    return <ChangeResults collaborators={collaborators} results={results} onClose={onClose} />;
  return (
    <Dialog title={changes.title(collaborators.length)} onClose={onClose} busy={changing.isPending}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p className="hint">{changes.lead(nameOf(scope))}</p>
        <SelectField
          label={changes.role}
          value={role}
          options={[["", changes.same], ...roles.map((each) => [each, words.roles[each]] as const)]}
          onChange={setRole}
        />
        <SelectField
          label={changes.ends}
          value={end}
          options={[
            ["same", changes.same],
            ["date", changes.setEnd],
            ["none", changes.noEnd],
          ]}
          onChange={setEnd}
        />
        {end === "date" && (
          <Field label={changes.date}>
            {(props) => (
              <input
                {...props}
                type="datetime-local"
                max={LAST_INPUT}
                value={date}
                onChange={(event) => setDate(event.target.value)}
              />
            )}
          </Field>
        )}
        {error && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        {changing.error && <ProblemNote error={changing.error} onRetry={submit} />}
        <DialogButtons onClose={onClose} busy={changing.isPending}>
          <button type="submit" disabled={changing.isPending}>
            {changes.title(collaborators.length)}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

function ChangeResults({ results, ...rest }: Omit<Props, "scope"> & { results: Results<Collaborator> }) {
  const { changes } = useWords();
  const failed = [...results.values()].filter((result) => result instanceof Problem).length;
  return (
    <ResultsDialog
      title={changes.result}
      summary={changes.summary(results.size - failed, failed)}
      results={results}
      done={() => changes.done}
      {...rest}
    />
  );
}

/** Sends the change of each collaborator, on the version shown, in batches. */
function useChanging(scope: string, onResults: OnResults<Collaborator>) {
  const queries = useQueryClient();
  const keys = useKeys();
  return useMutation({
    mutationFn: async ({ change, collaborators }: { change: Change; collaborators: Collaborator[] }) => {
      for (const batch of batches(collaborators, BATCH)) {
        const results = await send(scope, change, batch, keys);
        onResults((before) => new Map([...before, ...results]));
      }
    },
    onSettled: (_done, _error, { collaborators }) =>
      invalidateClient(
        queries,
        scope,
        collaborators.map(({ id }) => id),
      ),
  });
}

async function send(
  scope: string,
  change: Change,
  collaborators: Collaborator[],
  keys: Keys,
): Promise<[string, Collaborator | Problem][]> {
  const body = { changes: collaborators.map(({ id, version }) => ({ id, version, ...change })) };
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
  const { results } = await data(api.POST("/v1/scopes/{scope}/changes", { params, body }));
  return results.map((result) => {
    const id = collaborators[result.index]?.id ?? "";
    return [id, "problem" in result ? new Problem(result.problem.code, result.problem) : result.collaborator];
  });
}
