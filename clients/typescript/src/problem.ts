import type { components } from "./schema.ts";

/** A problem returned by the API (RFC 9457). */
export type ProblemBody = components["schemas"]["Problem"];

/** Problems that the client detects itself: no response, or one that is not in the API's format. */
export type OwnCode = "offline" | "signed-out" | "unexpected";

/** Why a request failed. Compare `code`, which never changes. */
export class Problem extends Error {
  readonly code: ProblemBody["code"] | OwnCode;
  /** What the API returned, if it returned a problem. `title` and `detail` are for people. */
  readonly body: ProblemBody | undefined;
  /** The id of the request in the logs. */
  readonly request: string | undefined;

  constructor(code: ProblemBody["code"] | OwnCode, body?: ProblemBody, request?: string) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.body = body;
    this.request = request;
  }

  /** Whether a retry may succeed. */
  get isTemporary(): boolean {
    return this.code === "offline" || this.code === "try-again" || this.code === "internal";
  }
}

/** Converts a response that is not a success. */
export async function problemOf(response: Response): Promise<Problem> {
  const request = response.headers.get("x-request-id") ?? undefined;
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/problem+json")) {
    const body = (await response.json()) as ProblemBody;
    return new Problem(body.code, body, request);
  }
  // API Gateway's own responses: its authorizer, throttling and time-outs.
  if (response.status === 401) return new Problem("signed-out", undefined, request);
  if ([429, 502, 503, 504].includes(response.status)) return new Problem("try-again", undefined, request);
  return new Problem("unexpected", undefined, request);
}

/** Converts any thrown value. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // `fetch` rejects with a TypeError if there is no response.
  if (error instanceof TypeError) return new Problem("offline");
  return new Problem("unexpected");
}

/** What became of an item of a batch: the field `name` of its result, or the problem. */
export function outcome<T extends { problem?: ProblemBody }, K extends keyof T>(
  result: T,
  name: K,
): NonNullable<T[K]> | Problem {
  const { problem, [name]: value } = result;
  return value ?? (problem ? new Problem(problem.code, problem) : new Problem("unexpected"));
}
