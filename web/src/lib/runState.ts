import { EMPTY_TABLE, type MetricTable } from "./metrics";

export type Status = "unknown" | "created" | "running" | "completed" | "cancelled" | "failed";

export interface Progress {
  readonly loss: number | null;
  readonly stepsPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly phase: string | null;
}

/** One line of the event log: what a person would want to read. */
export interface LogLine {
  readonly id: number;
  readonly type: string;
  readonly time: string;
  readonly epoch: number;
  readonly step: number;
  readonly text: string;
  readonly tone: "plain" | "ok" | "warn" | "error";
}

export interface Failure {
  readonly reason: string;
  readonly message: string | null;
  readonly terms: readonly string[];
}

export interface ArtifactFile {
  readonly path: string;
  /** The id of the event that wrote it: tells apart a file that was rewritten. */
  readonly revision: number;
}

/** The key of a file in `RunState.files`; null for what a run has once. */
export function fileKey(kind: string, epoch: number | null): string {
  return `${kind}@${epoch ?? ""}`;
}

/** The key of a file that was written inside an epoch. */
export function snapshotKey(kind: string, step: number): string {
  return `${kind}@step ${step}`;
}

/** All that the page knows of a run out of its events; live and replay make the same one. */
export interface RunState {
  readonly lastId: number;
  readonly status: Status;
  readonly step: number;
  readonly epoch: number;
  readonly totalSteps: number | null;
  readonly totalEpochs: number | null;
  readonly stepsPerEpoch: number | null;
  readonly capabilities: readonly string[];
  readonly device: string | null;
  readonly parameters: number | null;
  readonly progress: Progress | null;
  /** A slow map that is being made, and which share of it is done; null while there is none. */
  readonly projection: { readonly method: string; readonly epoch: number; readonly done: number } | null;
  readonly failure: Failure | null;
  readonly durationSeconds: number | null;
  /** One row per epoch. */
  readonly epochs: MetricTable;
  /** One row per update. */
  readonly steps: MetricTable;
  /** Epochs at which an artifact of a kind exists, rising; empty for one that is of the run. */
  readonly artifacts: Readonly<Record<string, readonly number[]>>;
  /** Steps inside epochs at which an artifact of a kind exists, rising. */
  readonly snapshots: Readonly<Record<string, readonly number[]>>;
  /** By `kind@epoch`: where a file is, and the event that last wrote it. */
  readonly files: Readonly<Record<string, ArtifactFile>>;
  readonly phases: readonly { readonly name: string; readonly step: number }[];
  readonly log: readonly LogLine[];
}

export const EMPTY_RUN: RunState = {
  lastId: 0,
  status: "unknown",
  step: 0,
  epoch: 0,
  totalSteps: null,
  totalEpochs: null,
  stepsPerEpoch: null,
  capabilities: [],
  device: null,
  parameters: null,
  progress: null,
  projection: null,
  failure: null,
  durationSeconds: null,
  epochs: EMPTY_TABLE,
  steps: EMPTY_TABLE,
  artifacts: {},
  snapshots: {},
  files: {},
  phases: [],
  log: [],
};

/** The newest epoch at or before `epoch` at which the kind exists; null if there is none. */
export function nearestEpoch(run: RunState, kind: string, epoch: number): number | null {
  const epochs = run.artifacts[kind];
  if (!epochs) return null;
  for (let at = epochs.length - 1; at >= 0; at -= 1) {
    const value = epochs[at] as number;
    if (value <= epoch) return value;
  }
  return null;
}

/** The newest epoch that has something to show. */
export function newestEpoch(run: RunState): number {
  let newest = 0;
  for (const epochs of Object.values(run.artifacts)) newest = Math.max(newest, epochs.at(-1) ?? 0);
  return newest > 0 ? newest : (run.epochs.x.at(-1) ?? 0);
}

export function isOver(status: Status): boolean {
  return status === "completed" || status === "cancelled" || status === "failed";
}
