import { artifactWords } from "@/lib/artifactWords";
import { sameIds } from "@/lib/film";
import type { FrameKind, FrameTypes } from "@/lib/latent/parsers";
import { artifactUrl } from "./artifacts";
import { readBeside } from "./clerk";
import { opened } from "./reading";

/** How many files of a kind stay in memory; a long run's maps are small, its neighbors and grids are not. */
const ROOM: Readonly<Partial<Record<FrameKind, number>>> = { knn_pca: 40, knn_umap: 40, anatomy: 60, trust_2d_pca: 60, trust_2d_umap: 60 };
const GRID = /^(posterior|prior|metric)_/;
const GRID_ROOM = 60;
const USUAL_ROOM = 500;
const ELSEWHERE = "`latelier verify` checks every file of the run. Other epochs may be whole: move the scrubber.";

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
  const loading = readBeside(kind, artifactUrl(runId, kind, { epoch }), mode).then((reading) =>
    interned(kind, opened(reading, `${artifactWords(kind)}, epoch ${epoch}`, ELSEWHERE)),
  );
  const entry: Entry<FrameTypes[K]> = { loading, value: null };
  loading.then((value) => (entry.value = value), () => shelf.delete(key));
  shelf.set(key, entry);
  const oldest = shelf.keys().next().value;
  if (shelf.size > roomOf(kind) && oldest !== undefined) shelf.delete(oldest);
  return loading;
}

/** The artifact if it is in memory already, else null. */
export function peekFrame<K extends FrameKind>(address: FrameAddress<K>): FrameTypes[K] | null {
  return (shelfOf(address.kind).get(keyOf(address))?.value ?? null) as FrameTypes[K] | null;
}

function roomOf(kind: FrameKind): number {
  return ROOM[kind] ?? (GRID.test(kind) ? GRID_ROOM : USUAL_ROOM);
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
function interned<T extends object>(kind: FrameKind, frame: T): T {
  if (!("ids" in frame) || !(frame.ids instanceof Int32Array)) return frame;
  const last = lastIds.get(kind);
  if (last && sameIds(last, frame.ids)) return { ...frame, ids: last };
  lastIds.set(kind, frame.ids);
  return frame;
}

