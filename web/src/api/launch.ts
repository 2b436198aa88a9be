import { api } from "./client";
import { unwrap } from "./problem";
import type { Config } from "./runs";
import type { components } from "./schema";

export type Preset = components["schemas"]["PresetInfo"];
export type DatasetInfo = components["schemas"]["DatasetInfo"];
export type Cost = components["schemas"]["Cost"];

export type Presets = components["schemas"]["Presets"];

export function listPresets(): Promise<Presets> {
  return unwrap(api.GET("/api/presets"));
}

export async function listDatasets(): Promise<readonly DatasetInfo[]> {
  return (await unwrap(api.GET("/api/datasets"))).datasets;
}

export function getSchema(): Promise<Config> {
  return unwrap(api.GET("/api/schema"));
}

/** Asks the server to measure a few steps: takes a moment. */
export function askCost(config: Config): Promise<Cost> {
  return unwrap(api.POST("/api/cost", { body: { config } }));
}
