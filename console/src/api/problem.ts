import type { components } from "./schema";

/** A problem as the API answers it (RFC 9457), or one that this page met on the way there. */
export type ProblemBody = components["schemas"]["Problem"];

/** What the page itself can meet: nobody answered, or not in the API's words. */
export type OwnCode = "offline" | "signed-out" | "unexpected";

/** Why a request was not done; what to say of it is in `words`, where the API did not say it. */
export class Problem extends Error {
  readonly code: ProblemBody["code"] | OwnCode;
  readonly body: ProblemBody | undefined;
  /** The id under which the request stands in the log. */
  readonly request: string | undefined;

  constructor(code: ProblemBody["code"] | OwnCode, body?: ProblemBody, request?: string) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.body = body;
    this.request = request;
  }

  /** Whether the same request may well be answered a little later. */
  get passes(): boolean {
    return this.code === "offline" || this.code === "try-again" || this.code === "internal";
  }
}

/** Makes a problem of an answer that is no success, whatever is in it. */
export async function problemOf(response: Response): Promise<Problem> {
  const request = response.headers.get("x-request-id") ?? undefined;
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/problem+json")) {
    const body = (await response.json()) as ProblemBody;
    return new Problem(body.code, body, request);
  }
  // API Gateway's own answers: its authorizer, its limits, its time-out.
  if (response.status === 401) return new Problem("signed-out", undefined, request);
  if ([429, 502, 503, 504].includes(response.status)) return new Problem("try-again", undefined, request);
  return new Problem("unexpected", undefined, request);
}

/** What was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // `fetch` rejects with a TypeError where no answer came.
  if (error instanceof TypeError) return new Problem("offline");
  return new Problem("unexpected");
}
