import type { RunEvent } from "@/lib/wire";
import { api } from "./client";
import { Problem, unwrap } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type RunRow = Schemas["RunRow"];
export type RunDetail = Schemas["RunDetail"];
export type LabelChange = Schemas["LabelsPatch"];
export type Config = Readonly<Record<string, unknown>>;

const at = (run_id: string) => ({ params: { path: { run_id } } });

export async function listRuns(): Promise<readonly RunRow[]> {
  return (await unwrap(api.GET("/api/runs"))).runs;
}

export function getRun(runId: string): Promise<RunDetail> {
  return unwrap(api.GET("/api/runs/{run_id}", at(runId)));
}

/** All events after that id, page by page. */
export async function getEvents(runId: string, after: number): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for (let from = after; ; ) {
    const params = { path: { run_id: runId }, query: { after: from } };
    const page = await unwrap(api.GET("/api/runs/{run_id}/events", { params }));
    if (typeof page === "string") throw new Problem("The server sent a stream where a list was asked for.", 200);
    events.push(...page.events);
    if (!page.more || page.last_id <= from) return events;
    from = page.last_id;
  }
}

export async function startRun(config: Config): Promise<string> {
  return (await unwrap(api.POST("/api/runs", { body: { config, start: true } }))).run_id;
}

export async function cancelRun(runId: string): Promise<void> {
  await unwrap(api.POST("/api/runs/{run_id}/cancel", at(runId)));
}

export async function resumeRun(runId: string, epoch: number | null = null): Promise<void> {
  await unwrap(api.POST("/api/runs/{run_id}/resume", { ...at(runId), body: { epoch } }));
}

export async function forkRun(runId: string, epoch: number, overrides: string[]): Promise<string> {
  const body = { epoch, overrides, start: true };
  return (await unwrap(api.POST("/api/runs/{run_id}/fork", { ...at(runId), body }))).run_id;
}

export function labelRun(runId: string, change: LabelChange): Promise<unknown> {
  return unwrap(api.PATCH("/api/runs/{run_id}/labels", { ...at(runId), body: change }));
}

/** Moves a run to the trash. */
export async function trashRun(runId: string): Promise<void> {
  await unwrap(api.DELETE("/api/runs/{run_id}", { params: { path: { run_id: runId }, query: { force: true } } }));
}

export interface TrashedRun {
  /** Its name in the trash, by which it is restored. */
  readonly name: string;
  readonly runId: string;
  readonly title: string;
}

export async function listTrash(): Promise<readonly TrashedRun[]> {
  const { runs } = await unwrap(api.GET("/api/trash"));
  return runs.map(({ name, run_id, display_name }) => ({ name, runId: run_id, title: display_name }));
}

export function restoreRun(name: string): Promise<unknown> {
  return unwrap(api.POST("/api/trash/{name}/restore", { params: { path: { name } } }));
}

/** Metrics as columns; what the page reads of a run that it does not stream. */
export async function getMetrics(runId: string): Promise<{ readonly epochs: Readonly<Record<string, readonly unknown[]>> }> {
  return unwrap(api.GET("/api/runs/{run_id}/metrics", at(runId)));
}
