import { artifactWords } from "@/lib/artifactWords";
import { sameIds } from "@/lib/film";
import type { FrameKind, FrameTypes } from "@/lib/latent/parsers";
import { artifactUrl } from "./artifacts";
import { readFrame, type Reading } from "./frameReader";
import type { Order } from "./frames.worker";
import { OFFLINE, Problem, toProblem } from "./problem";

/** How many files of a kind stay in memory; a long run's maps are small, its neighbors are not. */
const ROOM: Readonly<Partial<Record<FrameKind, number>>> = { knn_pca: 40, knn_umap: 40, anatomy: 60 };
const USUAL_ROOM = 500;

interface Entry<T> {
  readonly loading: Promise<T>;
  value: T | null;
}

const shelves = new Map<FrameKind, Map<string, Entry<unknown>>>();

/** Which file: the revision is the id of the event that wrote it, and tells a rewritten file apart. */
export interface FrameAddress<K extends FrameKind> {
  readonly runId: string;
  readonly kind: K;
  readonly epoch: number;
  readonly revision: number;
}

/**
 * One large artifact, checked and packed, out of memory where it is there.
 *
 * @throws Problem when it is missing or damaged, or when the server is away.
 */
export function loadFrame<K extends FrameKind>(address: FrameAddress<K>): Promise<FrameTypes[K]> {
  const { runId, kind, epoch, revision } = address;
  const shelf = shelfOf(kind);
  const key = keyOf(address);
  const known = shelf.get(key);
  if (known) {
    shelf.delete(key);
    shelf.set(key, known); // the one used last goes last
    return known.loading as Promise<FrameTypes[K]>;
  }
  const mode: RequestCache = revision > 0 ? "default" : "no-cache";
  const loading = read(kind, artifactUrl(runId, kind, { epoch }), mode).then((reading) => interned(kind, opened(kind, epoch, reading)));
  const entry: Entry<FrameTypes[K]> = { loading, value: null };
  loading.then((value) => (entry.value = value), () => shelf.delete(key));
  shelf.set(key, entry);
  const oldest = shelf.keys().next().value;
  if (shelf.size > (ROOM[kind] ?? USUAL_ROOM) && oldest !== undefined) shelf.delete(oldest);
  return loading;
}

/** The artifact if it is in memory already, else null. */
export function peekFrame<K extends FrameKind>(address: FrameAddress<K>): FrameTypes[K] | null {
  return (shelfOf(address.kind).get(keyOf(address))?.value ?? null) as FrameTypes[K] | null;
}

function keyOf({ runId, epoch, revision }: FrameAddress<FrameKind>): string {
  return `${runId}@${epoch}#${revision}`;
}

function shelfOf(kind: FrameKind): Map<string, Entry<unknown>> {
  const shelf = shelves.get(kind) ?? new Map<string, Entry<unknown>>();
  shelves.set(kind, shelf);
  return shelf;
}

const lastIds = new Map<FrameKind, Int32Array>();

/** Epochs of a run have the same points: one list of ids serves them all, and is compared at once. */
function interned<T extends { readonly ids: Int32Array }>(kind: FrameKind, frame: T): T {
  const last = lastIds.get(kind);
  if (last && sameIds(last, frame.ids)) return { ...frame, ids: last };
  lastIds.set(kind, frame.ids);
  return frame;
}

const ELSEWHERE = "`latelier verify` checks every file of the run. Other epochs may be whole: move the scrubber.";

function opened<T>(kind: FrameKind, epoch: number, reading: Reading<T>): T {
  if (reading.state === "read") return reading.data;
  if (reading.state === "offline") throw OFFLINE;
  const what = `${artifactWords(kind)}, epoch ${epoch}`;
  if (reading.state === "damaged") throw new Problem(`${what}: the file is damaged (${reading.why}).`, 200, ELSEWHERE);
  if (reading.status === 404) throw new Problem(`${what}: the file is gone.`, 404, ELSEWHERE);
  throw toProblem(reading.status, reading.body);
}

type Answer = (reading: Reading<never>) => void;
const waiting = new Map<number, { readonly answer: Answer; readonly again: () => void }>();
let worker: Worker | null | undefined;
let orders = 0;

function read<K extends FrameKind>(kind: K, url: string, mode: RequestCache): Promise<Reading<FrameTypes[K]>> {
  const clerk = hired();
  if (!clerk) return readFrame(kind, url, mode);
  orders += 1;
  const order: Order = { id: orders, kind, url: new URL(url, window.location.href).href, mode };
  return new Promise((resolve) => {
    const again = () => void readFrame(kind, url, mode).then(resolve);
    waiting.set(order.id, { answer: resolve as Answer, again });
    clerk.postMessage(order);
  });
}

/** The worker; null where the browser gives none, and then files are read here. */
function hired(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    worker = new Worker(new URL("./frames.worker.ts", import.meta.url));
  } catch {
    worker = null;
    return worker;
  }
  worker.onmessage = ({ data }: MessageEvent<{ id: number; reading: Reading<never> }>) => {
    waiting.get(data.id)?.answer(data.reading);
    waiting.delete(data.id);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    worker?.terminate();
    worker = null;
    const left = [...waiting.values()];
    waiting.clear();
    for (const { again } of left) again();
  };
  return worker;
}
