import { Link } from "wouter";
import type { Problem } from "../api/problem";
import { useOwnAccess } from "../api/queries";
import { clientOf, permissionsAt } from "../api/scopes";
import { useWords } from "../words/provider";

interface Props {
  scope: string;
  problem: Problem;
  onGo: () => void;
}

/** A link to what blocks a refused invitation. */
export function NextStep({ scope, problem, onGo }: Props) {
  const { problems } = useWords();
  const { data: access } = useOwnAccess();
  if (problem.code === "seat-limit-reached" && permissionsAt(access, clientOf(scope)).has("access:view")) {
    return (
      <Link href={`/scopes/${clientOf(scope)}/seats`} onClick={onGo}>
        {problems.seeSeats}
      </Link>
    );
  }
  const collaborator = problem.body?.collaborator;
  if (!collaborator) return null;
  return (
    <Link href={`/scopes/${scope}/people/${collaborator}`} onClick={onGo}>
      {problems.openCollaborator}
    </Link>
  );
}
