import { BASE } from "@/lib/base";
import { parseFrame, parsePoints, type WallFrame, type WallPoints } from "@/lib/sweep/wall";
import { readWith, type Reading } from "./frameReader";
import { OFFLINE, Problem, toProblem } from "./problem";
import type { WallOrder } from "./wall.worker";

const HELP = "Other steps may be whole: move the scrubber. `latelier sweep --resume` with the sweep's id writes what is missing anew.";

/** Where a sweep's wall is, or one picture of it. */
export function wallUrl(sweepId: string, at: number | "latest" | null = null): string {
  const path = `${BASE}/api/sweeps/${encodeURIComponent(sweepId)}/wall`;
  return at === null ? path : `${path}/${at}`;
}

/**
 * The points that all tiles of a wall show.
 *
 * @throws Problem when they are missing or damaged, or when the server is away.
 */
export async function loadPoints(sweepId: string): Promise<WallPoints> {
  return opened("the points", await readWith(parsePoints, wallUrl(sweepId), "no-cache"));
}

/**
 * One picture of a wall; `latest` has every variant at its own newest step.
 *
 * @throws Problem when it is missing or damaged, or when the server is away.
 */
export async function loadWall(sweepId: string, at: number | "latest"): Promise<WallFrame> {
  return opened(at === "latest" ? "the newest picture" : `the picture of step ${at}`, await read(wallUrl(sweepId, at)));
}

function opened<T>(what: string, reading: Reading<T>): T {
  if (reading.state === "read") return reading.data;
  if (reading.state === "offline") throw OFFLINE;
  if (reading.state === "damaged") throw new Problem(`The wall, ${what}: the file is damaged (${reading.why}).`, 200, HELP);
  if (reading.status === 404) throw new Problem(`The wall, ${what}: the file is gone.`, 404, HELP);
  throw toProblem(reading.status, reading.body);
}

interface Waiting {
  readonly answer: (reading: Reading<WallFrame>) => void;
  readonly again: () => void;
}

const waiting = new Map<number, Waiting>();
let worker: Worker | null | undefined;
let orders = 0;

function read(url: string): Promise<Reading<WallFrame>> {
  const clerk = hired();
  if (!clerk) return readWith(parseFrame, url, "no-cache");
  orders += 1;
  const order: WallOrder = { id: orders, url: new URL(url, window.location.href).href };
  return new Promise((answer) => {
    waiting.set(order.id, { answer, again: () => void readWith(parseFrame, url, "no-cache").then(answer) });
    clerk.postMessage(order);
  });
}

/** The worker; null where the browser gives none, and then files are read here. */
function hired(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    worker = new Worker(new URL("./wall.worker.ts", import.meta.url));
  } catch {
    worker = null;
    return worker;
  }
  worker.onmessage = ({ data }: MessageEvent<{ id: number; reading: Reading<WallFrame> }>) => {
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
