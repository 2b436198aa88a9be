import { api } from "./client";
import { unwrap } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
/** Something that takes the server longer: how far it is, and how it ended. */
export type Computation = Schemas["ComputationInfo"];

const at = (computation_id: string) => ({ params: { path: { computation_id } } });

/**
 * Asks for an artifact of an epoch, unless it is there. What is quick is waited for.
 *
 * @returns The id of the computation to follow; null when the artifact is there now.
 * @throws Problem when it cannot be made, with what is available instead.
 */
export async function requestArtifact(runId: string, kind: string, epoch: number): Promise<string | null> {
  const params = { path: { run_id: runId, kind } };
  const { state, computation } = await unwrap(api.POST("/api/runs/{run_id}/artifacts/{kind}", { params, body: { epoch } }));
  return state === "running" ? computation : null;
}

export function getComputation(id: string): Promise<Computation> {
  return unwrap(api.GET("/api/computations/{computation_id}", at(id)));
}

/** What is under way for a run, and what ended lately. */
export async function listComputations(runId: string): Promise<readonly Computation[]> {
  return (await unwrap(api.GET("/api/computations", { params: { query: { run_id: runId } } }))).computations;
}

/** Takes it back, for all who wait for it. */
export function cancelComputation(id: string): Promise<Computation> {
  return unwrap(api.DELETE("/api/computations/{computation_id}", at(id)));
}
