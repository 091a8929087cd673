import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, type Effects, entityTag, type Scope } from "../api/client";
import { useNames } from "../api/names";
import { invalidateClient } from "../api/queries";
import { effectsOf } from "../roles/effects";
import { Dialog, DialogButtons } from "../ui/dialog";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { useToast } from "../ui/toast";
import { useEventWords } from "./words";

const PATH = "/v1/scopes/{scope}/archive";

const of = ({ id, version }: Pick<Scope, "id" | "version">) => ({
  path: { scope: id },
  header: { "If-Match": entityTag(version) },
});

function useUnarchiving(name: string) {
  const words = useEventWords();
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (scope: Pick<Scope, "id" | "version">) => data(api.DELETE(PATH, { params: of(scope) })),
    onSuccess: () => toast(words.unarchivedNow(name)),
    onError: () => toast(words.notUnarchived(name)),
    onSettled: (_done, _error, { id }) => invalidateClient(queries, id),
  });
}

/** Takes an event out of the archive. */
export function UnarchiveButton({ scope }: { scope: Scope }) {
  const words = useEventWords();
  const { nameOf } = useNames();
  const unarchiving = useUnarchiving(nameOf(scope.id));
  return (
    <button type="button" disabled={unarchiving.isPending} onClick={() => unarchiving.mutate(scope)}>
      {words.unarchive}
    </button>
  );
}

/** Archives an event. It shows before who loses access, and can be undone. */
export function ArchiveDialog({ scope, onClose }: { scope: Scope; onClose: () => void }) {
  const words = useEventWords();
  const { nameOf } = useNames();
  const queries = useQueryClient();
  const toast = useToast();
  const name = nameOf(scope.id);
  const unarchiving = useUnarchiving(name);
  const preview = useQuery<Effects>({
    queryKey: ["archive preview", { id: scope.id, version: scope.version }],
    queryFn: () => effectsOf(api.POST(PATH, { params: { ...of(scope), query: { dryRun: true } }, body: {} })),
    gcTime: 0,
  });
  const archiving = useMutation({
    mutationFn: () => data(api.POST(PATH, { params: of(scope), body: {} })),
    onSuccess: (archived) => {
      toast(words.archivedNow(name), () => unarchiving.mutate(archived as Scope));
      onClose();
      invalidateClient(queries, scope.id);
    },
  });
  const lose = preview.data?.people.filter(({ loses }) => loses.length > 0).length ?? 0;
  return (
    <Dialog
      title={words.archiveTitle(name)}
      onClose={onClose}
      busy={archiving.isPending}
      size="small"
      onSubmit={() => archiving.mutate()}
      foot={
        <>
          {archiving.error && <ProblemNote error={archiving.error} onRetry={() => archiving.mutate()} />}
          <DialogButtons onClose={onClose} busy={archiving.isPending}>
            <button type="submit" className="danger" disabled={archiving.isPending}>
              {words.archive}
            </button>
          </DialogButtons>
        </>
      }
    >
      <p>{words.archiveLead}</p>
      <Loaded of={preview} lines={1}>
        <p>{lose > 0 ? words.loses(lose) : words.losesNone}</p>
      </Loaded>
    </Dialog>
  );
}
