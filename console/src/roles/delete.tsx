import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type ClientRole, data, entityTag, type Role } from "../api/client";
import { asProblem } from "../api/problem";
import { useRolesBelow, useRoleWords } from "../api/roles";
import { Dialog, DialogButtons } from "../ui/dialog";
import { isolated } from "../ui/isolated";
import { ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { Loaded } from "../ui/state";
import { useToast } from "../ui/toast";
import { useLanguage } from "../words/provider";
import { EffectsList, effectsOf } from "./effects";
import { useReload } from "./saving";
import { useRolePageWords } from "./words";

interface Props {
  client: string;
  role: ClientRole;
  onClose: () => void;
}

interface Query {
  reassign?: Role;
  dryRun?: boolean;
}

/** Deletes the version that the user saw; a dry run is on what is there now. */
function deletion(client: string, { key, version }: ClientRole, query: Query) {
  const header = version === undefined || query.dryRun ? {} : { "If-Match": entityTag(version) };
  return api.DELETE("/v1/scopes/{scope}/roles/{key}", {
    params: { path: { scope: client, key }, query, header },
  });
}

/** How many people hold the role: a dry run without another role is refused if there are some. */
async function holdersOf(client: string, role: ClientRole): Promise<number> {
  try {
    await effectsOf(deletion(client, role, { dryRun: true }));
    return 0;
  } catch (error) {
    const { code, body } = asProblem(error);
    if (code !== "role-in-use") throw error;
    return body?.holders ?? 1;
  }
}

/** Deletes a role. Its holders get another one, and the user sees before what that changes for whom. */
export function DeleteDialog({ client, role, onClose }: Props) {
  const text = useRolePageWords();
  const { locale } = useLanguage();
  const toast = useToast();
  const reload = useReload(client);
  const [reassign, setReassign] = useState<Role | "">("");
  const [checked, setChecked] = useState(false);
  const [progress, setProgress] = useState<{ done: number; of: number }>();
  const name = isolated(role.name[locale]);
  // An object, so that no reload of the client's data repeats the dry runs.
  const of = { client, key: role.key, version: role.version };
  const holders = useQuery({
    queryKey: ["role holders", of],
    queryFn: () => holdersOf(client, role),
    gcTime: 0,
  });
  const preview = useQuery({
    queryKey: ["role reassigned", of, reassign],
    enabled: reassign !== "",
    queryFn: () => effectsOf(deletion(client, role, { reassign, dryRun: true })),
    gcTime: 0,
  });
  const deleting = useMutation({
    mutationFn: async () => {
      for (let done = 0; ; ) {
        const step = await data(deletion(client, role, reassign ? { reassign } : {}));
        done += step.reassigned;
        if (step.deleted) return;
        setProgress({ done, of: done + step.remaining });
      }
    },
    onSuccess: () => {
      toast(text.deleted(name));
      onClose();
    },
    onError: (error) => {
      // Someone got the role in the meantime: they need another one too.
      if (asProblem(error).code !== "role-in-use") return;
      deleting.reset();
      void holders.refetch();
    },
    // An incomplete deletion shows in the list, and a new version is what the next try is on.
    onSettled: () => reload(),
  });
  const inUse = (holders.data ?? 0) > 0;
  const submit = () => {
    setChecked(true);
    if (holders.data === undefined || (inUse && !preview.data)) return;
    deleting.mutate();
  };
  return (
    <Dialog
      title={text.remove(name)}
      onClose={onClose}
      busy={deleting.isPending}
      size="small"
      onSubmit={submit}
      foot={
        <>
          {deleting.isPending && progress && <p role="status">{text.progress(progress.done, progress.of)}</p>}
          {checked && inUse && !reassign && (
            <p className="error" role="alert">
              {text.chooseOne}
            </p>
          )}
          {deleting.error && <ProblemNote error={deleting.error} onRetry={() => deleting.mutate()} />}
          <DialogButtons onClose={onClose} busy={deleting.isPending}>
            <button
              type="submit"
              className="danger"
              disabled={
                deleting.isPending || holders.data === undefined || (Boolean(reassign) && !preview.data)
              }
            >
              {text.removeButton}
            </button>
          </DialogButtons>
        </>
      }
    >
      <Loaded of={holders} lines={2}>
        <p>{inUse ? text.inUse(holders.data ?? 0) : text.unused}</p>
        {inUse && (
          <>
            <ReplacementField client={client} role={role} value={reassign} onChange={setReassign} />
            {reassign && (
              <Loaded of={preview} lines={2}>
                {preview.data && <EffectsList client={client} effects={preview.data} />}
                <p className="hint">{text.mails}</p>
              </Loaded>
            )}
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

interface ReplacementProps {
  client: string;
  role: ClientRole;
  value: Role | "";
  onChange: (role: Role | "") => void;
}

/** The roles that the holders can get. A custom one would need rights for each. */
function ReplacementField({ client, role, value, onChange }: ReplacementProps) {
  const text = useRolePageWords();
  const { roleName } = useRoleWords();
  const others = useRolesBelow(client).filter((each) => !["owner", "custom", role.key].includes(each));
  return (
    <SelectField
      label={text.instead}
      value={value}
      options={[["", text.choose], ...others.map((each) => [each, roleName(each)] as const)]}
      onChange={onChange}
    />
  );
}
