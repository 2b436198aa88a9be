import { BASE } from "@/lib/base";
import { asProblem, Problem, toProblem } from "./problem";

export type ArtifactKeys = Readonly<Record<string, string | number>>;

/** Where an artifact of a run is; `keys` hold the epoch where there is one per epoch. */
export function artifactUrl(runId: string, kind: string, keys: ArtifactKeys = {}): string {
  const query = new URLSearchParams(Object.entries(keys).map(([name, value]) => [name, String(value)]));
  const path = `${BASE}/api/runs/${encodeURIComponent(runId)}/artifacts/${encodeURIComponent(kind)}`;
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}

const NO_JSON = Symbol("no JSON");
const CACHE_SIZE = 400;
const cache = new Map<string, Promise<unknown>>();

/** What becomes of an answer that is well. */
type Reader<T> = (response: Response) => Promise<T>;

/**
 * Loads and checks a JSON artifact. What was read stays in memory under its address and `revision`
 * (the event that wrote it), so that scrubbing back costs nothing.
 *
 * @throws Problem when it is missing, when the server is away, or when it is not what it should be.
 */
export function loadArtifact<T>(runId: string, kind: string, keys: ArtifactKeys, parse: (value: unknown) => T, revision = 0): Promise<T> {
  return load(artifactUrl(runId, kind, keys), kind, revision, async (response) => {
    const body: unknown = await response.json().catch(() => NO_JSON);
    if (body === NO_JSON) throw new Error("it is not JSON");
    return parse(body);
  });
}

/** The same for one of bytes, such as tensors. */
export function loadBinary<T>(runId: string, kind: string, keys: ArtifactKeys, parse: (file: ArrayBuffer) => T, revision = 0): Promise<T> {
  return load(artifactUrl(runId, kind, keys), kind, revision, async (response) => parse(await response.arrayBuffer()));
}

function load<T>(url: string, kind: string, revision: number, reader: Reader<T>): Promise<T> {
  const key = `${url}#${revision}`;
  const known = cache.get(key);
  if (known) return known as Promise<T>;
  const loading = read(url, revision, kind, reader);
  remember(key, loading);
  loading.catch(() => cache.delete(key));
  return loading;
}

async function read<T>(url: string, revision: number, kind: string, reader: Reader<T>): Promise<T> {
  const mode: RequestCache = revision > 0 ? "default" : "no-cache";
  const response = await fetch(url, { cache: mode, credentials: "same-origin" }).catch((reason: unknown) => {
    throw asProblem(reason);
  });
  if (!response.ok) throw toProblem(response.status, await response.json().catch(() => NO_JSON));
  try {
    return await reader(response);
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : "it has another form";
    throw new Problem(`The file of ${kind.replaceAll("_", " ")} is damaged: ${why}.`, 200, "Other epochs may be whole: move the scrubber. The command latelier verify tells what else is damaged.");
  }
}

function remember(key: string, value: Promise<unknown>): void {
  cache.set(key, value);
  const oldest = cache.keys().next().value;
  if (cache.size > CACHE_SIZE && oldest !== undefined) cache.delete(oldest);
}
