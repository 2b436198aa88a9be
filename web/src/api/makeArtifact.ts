import { BASE } from "@/lib/base";
import { fields, maybeNumber, text } from "@/lib/check";
import { DROPPED, Turns } from "@/lib/turns";
import { artifactUrl, type ArtifactKeys } from "./artifacts";
import { computationEnd } from "./computationEnd";
import { asProblem, Problem, toProblem } from "./problem";

/** What to make: the keys of the kind and its options, as `idx`, `m` or `seed`. */
export type Wish = Readonly<Record<string, string | number>>;

/** What the server says of an artifact that it was asked to make. */
export interface Made {
  readonly kind: string;
  readonly keys: ArtifactKeys;
  readonly state: "done" | "running";
  /** Whether it was there already. */
  readonly cached: boolean;
  readonly computeMs: number | null;
  /** Id of the computation that makes it; null when it is there. */
  readonly computation: string | null;
}

/**
 * Asks the server to make an artifact; one that is there already is made no second time.
 *
 * @throws Problem when it cannot be made, with what is available instead.
 */
export async function makeArtifact(runId: string, kind: string, wish: Wish): Promise<Made> {
  const body = await answerOf(`${BASE}/api/runs/${encodeURIComponent(runId)}/artifacts/${encodeURIComponent(kind)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
  });
  return parseMade(await body.json());
}

export function parseMade(value: unknown): Made {
  const answer = fields(value, "the answer");
  const keys = Object.entries(fields(answer.keys ?? {}, "keys")).flatMap(([name, key]) =>
    typeof key === "string" || typeof key === "number" ? [[name, key] as const] : [],
  );
  return {
    kind: text(answer.kind, "kind"),
    keys: Object.fromEntries(keys),
    state: answer.state === "running" ? "running" : "done",
    cached: answer.cached === true,
    computeMs: maybeNumber(answer.compute_ms),
    computation: typeof answer.computation === "string" ? answer.computation : null,
  };
}

/** What was made on request: the file, and the sheet of pictures that comes with some. */
export interface MadeSheet<T> {
  readonly data: T;
  /** The picture, in the address itself: a new draw may have the same file name. Null where there is none. */
  readonly image: string | null;
  /** All that tells this file from others of its kind, the options included. */
  readonly keys: ArtifactKeys;
}

const ROOM = 160;
/** A browser opens few connections to one server, and maps and events need theirs. */
const AT_ONCE = 2;

interface Entry {
  readonly loading: Promise<MadeSheet<unknown>>;
  wanted: number;
}

const shelf = new Map<string, Entry>();
const turns = new Turns(AT_ONCE);

/** A sheet on its way, and the means to say that it is not waited for any more. */
export interface SheetOrder<T> {
  readonly loading: Promise<MadeSheet<T>>;
  readonly leave: () => void;
}

/**
 * An artifact of a kind, made by the server unless it is there; what was seen stays in memory.
 * `loading` fails with a Problem when it cannot be made or read.
 *
 * @param pictured Whether this kind has a sheet of pictures, where the data are images.
 */
export function makeSheet<T>(runId: string, kind: string, wish: Wish, parse: (value: unknown) => T, pictured = true): SheetOrder<T> {
  const key = `${runId}/${kind}/${JSON.stringify(wish)}`;
  const entry = shelf.get(key) ?? begin(key, (isWanted) => turns.take(() => made(runId, kind, wish, parse, pictured, isWanted), isWanted));
  entry.wanted += 1;
  return { loading: entry.loading as Promise<MadeSheet<T>>, leave: () => void (entry.wanted -= 1) };
}

function begin(key: string, load: (isWanted: () => boolean) => Promise<MadeSheet<unknown>>): Entry {
  const entry: { loading: Promise<MadeSheet<unknown>>; wanted: number } = { loading: NEVER, wanted: 0 };
  entry.loading = Promise.resolve().then(() => load(() => entry.wanted > 0));
  entry.loading.catch(() => shelf.delete(key));
  shelf.set(key, entry);
  const oldest = shelf.keys().next().value;
  if (shelf.size > ROOM && oldest !== undefined) shelf.delete(oldest);
  return entry;
}

const NEVER: Promise<MadeSheet<unknown>> = new Promise(() => undefined);

async function made<T>(runId: string, kind: string, wish: Wish, parse: (value: unknown) => T, pictured: boolean, isWanted: () => boolean): Promise<MadeSheet<T>> {
  const { keys: said } = await whenMade(runId, kind, wish, isWanted);
  const keys = { ...wish, ...said };
  const [json, picture] = await Promise.all([
    answerOf(artifactUrl(runId, kind, keys), { cache: "no-cache" }).then((answer) => answer.json() as Promise<unknown>),
    pictured ? pictureOf(artifactUrl(runId, `${kind}_image`, keys)) : null,
  ]);
  return { data: checked(kind, json, parse), image: picture, keys };
}

/** Asks again once what it needs first, as a map, was computed. */
async function whenMade(runId: string, kind: string, wish: Wish, isWanted: () => boolean): Promise<Made> {
  for (;;) {
    const answer = await makeArtifact(runId, kind, wish);
    if (answer.state === "done") return answer;
    if (answer.computation === null) throw new Problem("The pictures are still being made.", 202, "Try again in a moment.");
    const isThere = await computationEnd(answer.computation, isWanted);
    if (!isWanted()) throw DROPPED;
    if (!isThere) throw new Problem("It was cancelled before it was made.", 200, "Ask for it again.");
  }
}

/** Null where the artifact has no picture: not all data are images. */
async function pictureOf(url: string): Promise<string | null> {
  try {
    return await dataUrl(await (await answerOf(url, { cache: "no-cache" })).blob());
  } catch (reason) {
    if (reason instanceof Problem && reason.isMissing) return null;
    throw reason;
  }
}

function checked<T>(kind: string, value: unknown, parse: (value: unknown) => T): T {
  try {
    return parse(value);
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : "it has another form";
    throw new Problem(`The file of ${kind.replaceAll("_", " ")} is damaged: ${why}.`, 200, "The command latelier verify tells what else is damaged.");
  }
}

async function answerOf(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { credentials: "same-origin", ...init }).catch((reason: unknown) => {
    throw asProblem(reason);
  });
  if (response.ok) return response;
  throw toProblem(response.status, await response.json().catch(() => null));
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Problem("The picture cannot be read.", 200, "Try again."));
    reader.readAsDataURL(blob);
  });
}
