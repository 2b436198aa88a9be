import { PARSERS, type FrameKind, type FrameTypes } from "@/lib/latent/parsers";

/** What became of reading one file, in a form that a worker can hand over. */
export type Reading<T> =
  | { readonly state: "read"; readonly data: T }
  | { readonly state: "refused"; readonly status: number; readonly body: unknown }
  | { readonly state: "offline" }
  | { readonly state: "damaged"; readonly why: string };

/** Fetches, checks and packs one file. Runs in the worker, or here where there is none. */
export function readFrame<K extends FrameKind>(kind: K, url: string, mode: RequestCache): Promise<Reading<FrameTypes[K]>> {
  return readWith(PARSERS[kind], url, mode);
}

/** Fetches a JSON file, and makes of it what `parse` does. */
export async function readWith<T>(parse: (value: unknown) => T, url: string, mode: RequestCache): Promise<Reading<T>> {
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
    return { state: "read", data: parse(body) };
  } catch (reason) {
    return { state: "damaged", why: reason instanceof Error ? reason.message : "it has another form" };
  }
}

/** The buffers of a value, to be moved instead of copied. */
export function buffersOf(value: unknown, found: Set<ArrayBuffer> = new Set()): readonly ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) buffersOf(item, found);
  return [...found];
}
