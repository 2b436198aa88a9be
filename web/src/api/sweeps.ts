import { parseSweep, parseSweeps, type Sweep, type SweepLine } from "@/lib/sweep/sweep";
import { api } from "./client";
import { Problem, unwrap } from "./problem";

const at = (sweep_id: string) => ({ params: { path: { sweep_id } } });

/** All sweeps, the newest first. */
export async function listSweeps(): Promise<readonly SweepLine[]> {
  return [...read(parseSweeps, await unwrap(api.GET("/api/sweeps")))].reverse();
}

export async function getSweep(sweepId: string): Promise<Sweep> {
  return read(parseSweep, await unwrap(api.GET("/api/sweeps/{sweep_id}", at(sweepId))));
}

export async function cancelSweep(sweepId: string): Promise<void> {
  await unwrap(api.POST("/api/sweeps/{sweep_id}/cancel", at(sweepId)));
}

export async function resumeSweep(sweepId: string): Promise<void> {
  await unwrap(api.POST("/api/sweeps/{sweep_id}/resume", at(sweepId)));
}

/** Moves a sweep to the trash, and its runs with it if they are to go too. */
export async function trashSweep(sweepId: string, runs: boolean): Promise<void> {
  await unwrap(api.DELETE("/api/sweeps/{sweep_id}", { params: { ...at(sweepId).params, query: { runs } } }));
}

/** Much of a sweep is what somebody wrote into a file: it is checked before it is drawn. */
function read<T>(parse: (value: unknown) => T, answer: unknown): T {
  try {
    return parse(answer);
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : "it has another form";
    throw new Problem(`What the server says of the sweep cannot be read: ${why}.`, 200, "`latelier sweeps` tells whether its file is damaged; if it is not, reload the page.");
  }
}
