import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { batches, type OnResults, type Results } from "../api/batch";
import { api, type Collaborator, data, type GivenRole, type Permission } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { useNames } from "../api/names";
import { outcome, Problem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { useRoles, useRoleWords } from "../api/roles";
import { Dialog, DialogButtons } from "../ui/dialog";
import { ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { useWords } from "../words/provider";
import { EndField, endFault } from "./end-field";
import { changedEnd, type EndChange } from "./ends";
import { directGrant } from "./grants";
import { ReasonField } from "./reason-field";
import { ResultsDialog } from "./results";
import { lacksRights, RoleFields, roleRequest } from "./role-fields";
import { useKeeper } from "./selection";

/** The most changes in one request. */
const BATCH = 100;

interface Props {
  scope: string;
  collaborators: Collaborator[];
  /** What the user chose before the dialog opened. */
  role?: GivenRole | undefined;
  end?: EndChange | undefined;
  onClose: () => void;
}

/** The change of one person. Fields that are left out keep their value. */
interface Change extends Partial<ReturnType<typeof roleRequest>> {
  collaborator: Collaborator;
  expiresAt?: string | null;
}

/** Changes the role or the end of access of several people at one scope. */
export function ChangesDialog({ scope, collaborators, role: firstRole, end: firstEnd, onClose }: Props) {
  const words = useWords();
  const { roleName } = useRoleWords();
  const { changes } = words;
  const { nameOf } = useNames();
  const roles = useRoles(scope);
  const [role, setRole] = useState<GivenRole | "">(firstRole ?? "");
  const [permissions, setPermissions] = useState<ReadonlySet<Permission>>(new Set());
  const [end, setEnd] = useState(firstEnd);
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string>();
  const [results, setResults] = useState<Results<Collaborator>>(new Map());
  const changing = useChanging(scope, setResults);
  const choice = role ? { role, permissions } : undefined;
  const planned = collaborators.flatMap((each) => changeOf(each, scope, choice, end));
  const fault = endFault(end);
  const submit = () => {
    if (choice && lacksRights(choice)) return setError(words.role.chooseOne);
    if (fault) return setError(words.ends[fault]);
    if (planned.length === 0) return setError(changes.nothing);
    setError(undefined);
    const left = planned.filter(({ collaborator: { id } }) => !results.has(id));
    return changing.mutate({ changes: left, reason: reason.trim() });
  };
  if (results.size > 0 && !changing.isPending && !changing.error)
    return (
      <ChangeResults
        collaborators={planned.map(({ collaborator }) => collaborator)}
        results={results}
        onClose={onClose}
      />
    );
  const skipped = end?.to === "later" && !role ? collaborators.length - planned.length : 0;
  return (
    <Dialog
      title={changes.title(collaborators.length)}
      onClose={onClose}
      busy={changing.isPending}
      size="small"
      onSubmit={submit}
      foot={
        <>
          {error && (
            <p className="error" role="alert">
              {error}
            </p>
          )}
          {changing.error && <ProblemNote error={changing.error} onRetry={submit} />}
          <DialogButtons onClose={onClose} busy={changing.isPending}>
            <button type="submit" disabled={changing.isPending}>
              {changes.button(planned.length)}
            </button>
          </DialogButtons>
        </>
      }
    >
      <p className="hint">{changes.lead(nameOf(scope))}</p>
      <SelectField
        label={changes.role}
        value={role}
        options={[["", changes.same], ...roles.map((each) => [each, roleName(each)] as const)]}
        onChange={setRole}
      />
      {choice?.role === "custom" && (
        <RoleFields
          roles={["custom"]}
          choice={choice}
          onChoice={({ permissions }) => setPermissions(permissions)}
        />
      )}
      <EndField
        value={end}
        onChange={setEnd}
        maySame
        mayMove
        error={error && fault ? words.ends[fault] : undefined}
      />
      <ReasonField reason={reason} onReason={setReason} />
      {skipped > 0 && <p className="note">{changes.skipped(skipped)}</p>}
    </Dialog>
  );
}

/** The change of a person, or nothing if they keep what they have. */
function changeOf(
  collaborator: Collaborator,
  scope: string,
  choice: Parameters<typeof roleRequest>[0] | undefined,
  end: EndChange | undefined,
): Change[] {
  const grant = directGrant(collaborator, scope);
  const expiresAt = end && !endFault(end) ? changedEnd(end, grant?.expiresAt) : undefined;
  if (!choice && expiresAt === undefined) return [];
  return [
    {
      collaborator,
      ...(choice ? roleRequest(choice) : {}),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
  ];
}

function ChangeResults({
  results,
  ...rest
}: Pick<Props, "collaborators" | "onClose"> & { results: Results<Collaborator> }) {
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
  const keeper = useKeeper();
  return useMutation({
    mutationFn: async ({ changes, reason }: { changes: Change[]; reason: string }) => {
      for (const batch of batches(changes, BATCH)) {
        const results = await send(scope, batch, reason, keys);
        onResults((before) => new Map([...before, ...results]));
        keeper.changed(results.flatMap(([, result]) => (result instanceof Problem ? [] : [result])));
      }
    },
    onSettled: (_done, _error, { changes }) =>
      invalidateClient(
        queries,
        scope,
        changes.map(({ collaborator }) => collaborator.id),
      ),
  });
}

async function send(
  scope: string,
  batch: Change[],
  reason: string,
  keys: Keys,
): Promise<[string, Collaborator | Problem][]> {
  const changes = batch.map(({ collaborator: { id, version }, ...change }) => ({ id, version, ...change }));
  const body = { changes, ...(reason ? { reason } : {}) };
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
  const { results } = await data(api.POST("/v1/scopes/{scope}/changes", { params, body }));
  return results.map((result) => {
    const id = batch[result.index]?.collaborator.id ?? "";
    return [id, outcome(result, "collaborator")];
  });
}
