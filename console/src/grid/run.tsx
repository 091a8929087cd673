import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Results } from "../api/batch";
import { api, type Collaborator, data } from "../api/client";
import { useKeys } from "../api/key";
import { asProblem, Problem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { clientOf } from "../api/scopes";
import { Dialog } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import { ResultsDialog } from "./results";

interface Props {
  scope: string;
  people: Collaborator[];
  onClose: () => void;
}

interface RunProps extends Props {
  title: string;
  run: (person: Collaborator) => Promise<unknown>;
  /** The message if it worked for everyone. */
  done: (people: Collaborator[]) => string;
  /** The line of a person for whom it worked. */
  line: string;
}

/** Sends a new link to each person. */
export function RemindDialog({ people, ...props }: Props) {
  const { resend } = useWords();
  const keys = useKeys();
  const run = ({ id, invitation }: Collaborator) => {
    const header = { "Idempotency-Key": keys.of([id, invitation?.sentAt]) };
    const params = { path: { scope: props.scope, id }, header };
    return data(api.POST("/v1/scopes/{scope}/collaborators/{id}/resend", { params, body: {} }));
  };
  const done = (sent: Collaborator[]) =>
    sent[0] && sent.length === 1 ? resend.done(displayName(sent[0])) : resend.allDone(sent.length);
  return (
    <RunDialog {...props} people={people} title={resend.title} run={run} done={done} line={resend.sent} />
  );
}

/** Restores the access of each person. */
export function RestoreDialog({ people, scope, onClose }: Props) {
  const { suspension } = useWords();
  const run = ({ id }: Collaborator) => {
    const params = { path: { scope: clientOf(scope), id } };
    return data(api.DELETE("/v1/scopes/{scope}/collaborators/{id}/suspension", { params }));
  };
  return (
    <RunDialog
      scope={scope}
      people={people}
      onClose={onClose}
      title={suspension.restore}
      run={run}
      done={(restored) => suspension.restored(restored.map(displayName).join(", "))}
      line={suspension.done}
    />
  );
}

/** Runs a request for each person at once, one after the other. Stays open if one was refused. */
function RunDialog({ scope, people, title, run, done, line, onClose }: RunProps) {
  const words = useWords();
  const queries = useQueryClient();
  const toast = useToast();
  const [results, setResults] = useState<Results<true>>(new Map());
  const running = useMutation({
    mutationFn: async () => {
      let refused = false;
      for (const person of people) {
        const result = await run(person).then(
          () => true as const,
          (error: unknown) => asProblem(error),
        );
        refused ||= result instanceof Problem;
        setResults((before) => new Map([...before, [person.id, result]]));
      }
      return refused;
    },
    onSuccess: (refused) => {
      invalidateClient(
        queries,
        scope,
        people.map(({ id }) => id),
      );
      if (refused) return;
      toast(done(people));
      onClose();
    },
  });
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    running.mutate();
  }, [running]);
  const refused = [...results.values()].filter((result) => result instanceof Problem).length;
  if (running.isSuccess && refused > 0) {
    return (
      <ResultsDialog
        title={title}
        summary={words.resend.summary(results.size - refused, refused)}
        collaborators={people}
        results={results}
        done={() => line}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={title} onClose={onClose} busy size="small">
      <p role="status">{words.resend.progress(results.size, people.length)}</p>
    </Dialog>
  );
}
