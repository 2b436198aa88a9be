import { PARSERS, type FrameTypes } from "@/lib/latent/parsers";
import { parseFrame, parsePoints, type WallFrame, type WallPoints } from "@/lib/sweep/wall";
import { OFFLINE, Problem, toProblem } from "./problem";

/** The large files, by their form, and what is made of each. */
export interface Forms extends FrameTypes {
  readonly wall_points: WallPoints;
  readonly wall_step: WallFrame;
}

export type Form = keyof Forms;

const FORMS: { readonly [F in Form]: (value: unknown) => Forms[F] } = { ...PARSERS, wall_points: parsePoints, wall_step: parseFrame };

/** What became of reading one file, in a form that a worker can hand over. */
export type Reading<T> =
  | { readonly state: "read"; readonly data: T }
  | { readonly state: "refused"; readonly status: number; readonly body: unknown }
  | { readonly state: "offline" }
  | { readonly state: "damaged"; readonly why: string };

/** Fetches, checks and packs one file. Runs in the worker, or here where there is none. */
export async function readForm<F extends Form>(form: F, url: string, mode: RequestCache): Promise<Reading<Forms[F]>> {
  let response: Response;
  try {
    response = await fetch(url, { cache: mode, credentials: "same-origin" });
  } catch {
    return { state: "offline" };
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) return { state: "refused", status: response.status, body };
  try {
    if (body === undefined) throw new Error("it is not JSON");
    return { state: "read", data: FORMS[form](body) };
  } catch (reason) {
    return { state: "damaged", why: reason instanceof Error ? reason.message : "it has another form" };
  }
}

/**
 * What was read.
 *
 * @param what Names the file in what is thrown; `help` says what to do about one that is gone or damaged.
 * @throws Problem when it is missing or damaged, or when the server is away.
 */
export function opened<T>(reading: Reading<T>, what: string, help: string): T {
  if (reading.state === "read") return reading.data;
  if (reading.state === "offline") throw OFFLINE;
  if (reading.state === "damaged") throw new Problem(`${what}: the file is damaged (${reading.why}).`, 200, help);
  if (reading.status === 404) throw new Problem(`${what}: the file is gone.`, 404, help);
  throw toProblem(reading.status, reading.body);
}

/** The buffers of a value, to be moved instead of copied. */
export function buffersOf(value: unknown, found: Set<ArrayBuffer> = new Set()): readonly ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) buffersOf(item, found);
  return [...found];
}
