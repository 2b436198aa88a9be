import { parseSweep, parseSweeps, type Sweep, type SweepLine } from "@/lib/sweep/sweep";
import { api } from "./client";
import { Problem, unwrap } from "./problem";
import type { Config } from "./runs";

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

export interface TrashedSweep {
  /** Its name in the trash, by which it is restored. */
  readonly name: string;
  readonly sweepId: string;
  readonly title: string;
  readonly variants: number;
  /** Runs of its variants that are in the trash too. */
  readonly runsInTrash: number;
}

/** Sweeps in the trash, the last one that was deleted at the end. */
export async function listTrashedSweeps(): Promise<readonly TrashedSweep[]> {
  const { sweeps } = await unwrap(api.GET("/api/trash/sweeps"));
  return sweeps.map(({ name, sweep_id, display_name, variants, runs_in_trash }) => ({ name, sweepId: sweep_id, title: display_name, variants, runsInTrash: runs_in_trash }));
}

/** Takes a sweep out of the trash, with those of its runs that are there; answers how many these are. */
export async function restoreSweep(name: string): Promise<number> {
  return (await unwrap(api.POST("/api/trash/sweeps/{name}/restore", { params: { path: { name } } }))).runs;
}

/**
 * Makes a sweep of a configuration with a section `sweep`, and puts it into the queue.
 *
 * @param config Settings of a run, and the section.
 * @returns Its id.
 */
export async function startSweep(config: Config, executor: "local" | "ensemble"): Promise<string> {
  const body = { config, executor, overrides: [], axes: [], only: [], start: true };
  return (await unwrap(api.POST("/api/sweeps", { body }))).sweep_id;
}

/** How many variants a configuration with a section `sweep` has; nothing is written. */
export async function countVariants(config: Config): Promise<number> {
  const body = { config, overrides: [], axes: [], only: [] };
  return (await unwrap(api.POST("/api/sweeps/preview", { body }))).variants.length;
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
