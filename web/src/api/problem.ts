/** One field that the server refused. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
  readonly got: string | null;
  readonly expected: string | null;
}

/** Why a request failed, in the server's words where it gave any. */
export class Problem extends Error {
  constructor(
    readonly what: string,
    readonly status: number,
    readonly remedy: string | null = null,
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(what);
    this.name = "Problem";
  }

  get isOffline(): boolean {
    return this.status === 0;
  }

  get isMissing(): boolean {
    return this.status === 404;
  }
}

export const OFFLINE = new Problem(
  "The server does not answer.",
  0,
  "Start it again with latelier serve; this page goes on by itself.",
);

/** Turns an error body of any shape into a Problem. */
export function toProblem(status: number, body: unknown): Problem {
  const error = record(record(body)?.error);
  if (status === 401) {
    const remedy = "Open the address that latelier serve printed: it carries the token.";
    return new Problem("This page needs its token.", status, remedy);
  }
  const what = text(error?.what) ?? `The server answered ${status}.`;
  const got = text(error?.got);
  const problems = Array.isArray(error?.problems) ? error.problems : [];
  return new Problem(
    got && problems.length === 0 ? `${what}: ${got}` : what,
    status,
    text(error?.remedy) ?? (text(error?.expected) ? `Expected: ${text(error?.expected)}.` : null),
    problems.flatMap(fieldProblem),
  );
}

/** Makes any thrown value a Problem; a fetch that failed means that the server is away. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return OFFLINE;
  return new Problem(error instanceof Error ? error.message : String(error), -1);
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer, or a thrown Problem. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer.catch((reason: unknown) => {
    throw asProblem(reason);
  });
  if (!response.ok) throw toProblem(response.status, error);
  return data as T;
}

function fieldProblem(value: unknown): FieldProblem[] {
  const item = record(value);
  const path = text(item?.path);
  if (!item || path === null) return [];
  const message = text(item.message) ?? "This value was refused.";
  return [{ path, message, got: text(item.got), expected: text(item.expected) }];
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}

function text(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}
