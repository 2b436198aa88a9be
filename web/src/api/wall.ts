import { BASE } from "@/lib/base";
import type { WallFrame, WallPoints } from "@/lib/sweep/wall";
import { readBeside } from "./clerk";
import { opened } from "./reading";

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
  return opened(await readBeside("wall_points", wallUrl(sweepId), "no-cache"), "The wall, the points", HELP);
}

/**
 * One picture of a wall; `latest` has every variant at its own newest step.
 *
 * @throws Problem when it is missing or damaged, or when the server is away.
 */
export async function loadWall(sweepId: string, at: number | "latest"): Promise<WallFrame> {
  const what = at === "latest" ? "the newest picture" : `the picture of step ${at}`;
  return opened(await readBeside("wall_step", wallUrl(sweepId, at), "no-cache"), `The wall, ${what}`, HELP);
}
