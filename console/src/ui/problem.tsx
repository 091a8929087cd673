import { type ReactNode, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useNameOf } from "../api/name-of";
import { asProblem, type Problem } from "../api/problem";
import { SignInButton } from "../session/button";
import { useSession } from "../session/provider";
import type { Words } from "../words/fr";
import { useDates, useWords } from "../words/provider";

interface Props {
  error: unknown;
  /** Sends the same request again. */
  onRetry?: (() => void) | undefined;
  children?: ReactNode;
}

/** Shows what went wrong and what to do next. */
export function ProblemNote({ error, onRetry, children }: Props) {
  const words = useWords();
  const session = useSession();
  const nameOf = useNameOf();
  const [path] = useLocation();
  const problem = asProblem(error);
  const { title, detail } = describeProblem(problem, words);
  const signedOut = problem.code === "signed-out" || problem.code === "unauthenticated";
  return (
    <div className="note problem" role="alert">
      <p>
        <strong>{title}</strong>
      </p>
      <p>{detail}</p>
      {problem.body?.seats && <p>{words.seats.used(problem.body.seats.used, problem.body.seats.limit)}</p>}
      {problem.body?.inheritedFrom && (
        <p>{words.problems.inheritedFrom(problem.body.inheritedFrom.map(nameOf).join(", "))}</p>
      )}
      <Wait problem={problem} />
      {problem.request && <p className="hint">{words.problems.request(problem.request)}</p>}
      {children}
      {(signedOut || (onRetry && problem.isTemporary)) && (
        <p className="buttons">
          {signedOut ? (
            <SignInButton
              onPress={() => session.signIn(path + location.search, session.account?.email)}
              label={words.signIn.button}
            />
          ) : (
            <button type="button" onClick={onRetry}>
              {words.retry}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

/** The text of a problem: the API's, or the page's own if the API sent none. */
export function describeProblem(problem: Problem, words: Words): { title: string; detail: string } {
  if (problem.body) return problem.body;
  const { code } = problem;
  if (code === "offline" || code === "signed-out" || code === "try-again") {
    return { title: words.problems[code], detail: words.problems[`${code}Help`] };
  }
  return { title: words.problems.unexpected, detail: words.problems.unexpectedHelp };
}

/** A problem in one line, for a row of a list. */
export function problemLine(error: unknown, words: Words): string {
  const { title, detail } = describeProblem(asProblem(error), words);
  return `${title}. ${detail}`;
}

/** The API's `retryAfter`: a countdown if it is at most an hour. */
function Wait({ problem }: { problem: Problem }) {
  const words = useWords();
  const dates = useDates();
  const wait = problem.body?.retryAfter;
  const [until] = useState(() => Date.now() + (wait ?? 0) * 1_000);
  const left = useSecondsTo(until);
  if (wait === undefined || problem.code === "try-again") return null;
  if (wait > 3_600) return <p>{words.problems.waitUntil(dates.relative(new Date(until).toISOString()))}</p>;
  return left > 0 ? <p>{words.problems.wait(left)}</p> : null;
}

/** The seconds until a time (epoch milliseconds), counted down to 0. */
export function useSecondsTo(until: number): number {
  const [now, setNow] = useState(Date.now);
  const [counted, setCounted] = useState(until);
  if (counted !== until) {
    setCounted(until);
    setNow(Date.now());
  }
  const left = Math.max(0, Math.ceil((until - now) / 1_000));
  const counting = left > 0;
  useEffect(() => {
    if (!counting) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [counting]);
  return left;
}
