import { logLine } from "./eventText";
import { TableDraft } from "./metrics";
import { fileKey, snapshotKey, type ArtifactFile, type Progress, type RunState } from "./runState";
import { unreachable, type EventOf, type RunEvent } from "./wire";

type Draft = { -readonly [K in keyof RunState]: RunState[K] };

/** What one batch of events changes, with tables and lists copied at most once per batch. */
class Batch {
  readonly run: Draft;
  private epochDraft: TableDraft | null = null;
  private stepDraft: TableDraft | null = null;
  private readonly copied = new Set<keyof RunState>();

  constructor(run: RunState) {
    this.run = { ...run };
  }

  get epochs(): TableDraft {
    return (this.epochDraft ??= new TableDraft(this.run.epochs));
  }

  get steps(): TableDraft {
    return (this.stepDraft ??= new TableDraft(this.run.steps));
  }

  get artifacts(): Record<string, readonly number[]> {
    if (!this.copied.has("artifacts")) this.run.artifacts = { ...this.run.artifacts };
    this.copied.add("artifacts");
    return this.run.artifacts as Record<string, readonly number[]>;
  }

  get snapshots(): Record<string, readonly number[]> {
    if (!this.copied.has("snapshots")) this.run.snapshots = { ...this.run.snapshots };
    this.copied.add("snapshots");
    return this.run.snapshots as Record<string, readonly number[]>;
  }

  get files(): Record<string, ArtifactFile> {
    if (!this.copied.has("files")) this.run.files = { ...this.run.files };
    this.copied.add("files");
    return this.run.files as Record<string, ArtifactFile>;
  }

  get log(): RunState["log"][number][] {
    if (!this.copied.has("log")) this.run.log = [...this.run.log];
    this.copied.add("log");
    return this.run.log as RunState["log"][number][];
  }

  finish(): RunState {
    if (this.epochDraft) this.run.epochs = this.epochDraft.finish();
    if (this.stepDraft) this.run.steps = this.stepDraft.finish();
    return this.run;
  }
}

/**
 * Folds events into the state of a run. Live and replay both go through here, in batches of any
 * size; an event that was seen before (by its id) changes nothing.
 */
export function reduceEvents(run: RunState, events: readonly RunEvent[]): RunState {
  const fresh = events.filter((event) => event.id > run.lastId);
  if (fresh.length === 0) return run;
  const batch = new Batch(run);
  for (const event of fresh) {
    if (event.id > batch.run.lastId) apply(batch, event);
  }
  return batch.finish();
}

function apply(batch: Batch, event: RunEvent): void {
  const { run } = batch;
  run.lastId = event.id;
  // What is made on request is of an epoch long past: it does not bring the run back there.
  if (event.step >= run.step || event.type.startsWith("run.")) {
    run.step = event.step;
    run.epoch = event.epoch;
  }
  const line = logLine(event);
  if (line) batch.log.push(line);
  switch (event.type) {
    case "run.created":
      run.status = "created";
      return;
    case "run.started":
      begin(run, event.data);
      return;
    case "run.resumed":
      begin(run, event.data);
      rewind(batch, event.data.from_step);
      return;
    case "run.completed":
      run.status = "completed";
      run.durationSeconds = event.data.duration_s ?? null;
      return;
    case "run.cancelled":
      run.status = "cancelled";
      run.durationSeconds = event.data.duration_s ?? null;
      return;
    case "run.failed":
      run.status = "failed";
      run.durationSeconds = event.data.duration_s ?? null;
      run.failure = {
        reason: event.data.reason,
        message: event.data.message ?? null,
        terms: event.data.terms ?? [],
      };
      return;
    case "train.progress":
      run.totalSteps = event.data.total_steps ?? run.totalSteps;
      run.totalEpochs = event.data.total_epochs ?? run.totalEpochs;
      run.progress = progress(event);
      return;
    case "train.metrics":
      measure(batch, event);
      return;
    case "phase.started":
      run.phases = [...run.phases, { name: event.data.phase, step: event.step }];
      return;
    case "artifact.created":
      note(batch, event);
      return;
    case "projection.progress":
      run.projection = event.data.done < 1 ? { method: event.data.method, epoch: event.epoch, done: event.data.done } : null;
      return;
    case "action.performed":
    case "eval.progress":
    case "log.warning":
      return;
    default:
      unreachable(event); // a type that a later server added: the log has it, the state does not
  }
}

function begin(run: Draft, data: EventOf<"run.started">["data"]): void {
  run.status = "running";
  run.failure = null;
  run.projection = null;
  run.totalSteps = data.total_steps ?? run.totalSteps;
  run.totalEpochs = data.total_epochs ?? run.totalEpochs;
  run.stepsPerEpoch = data.steps_per_epoch ?? run.stepsPerEpoch;
  run.capabilities = data.capabilities ?? run.capabilities;
  run.device = data.device ?? run.device;
  run.parameters = data.parameters ?? run.parameters;
}

/** An epoch that ended exactly at `fromStep` stays: all its updates came before. */
function rewind(batch: Batch, fromStep: number): void {
  batch.steps.keep((step) => step < fromStep);
  batch.epochs.keep((step) => step <= fromStep);
  batch.run.phases = batch.run.phases.filter((phase) => phase.step < fromStep);
  batch.run.progress = null;
}

function progress(event: EventOf<"train.progress">): Progress {
  const { data } = event;
  return {
    loss: data.loss ?? null,
    stepsPerSecond: data.steps_per_s ?? null,
    secondsLeft: data.eta_s ?? null,
    phase: data.phase ?? null,
  };
}

function measure(batch: Batch, event: EventOf<"train.metrics">): void {
  const values = Object.entries(event.data as Readonly<Record<string, unknown>>);
  const metrics = values.filter(([name]) => name !== "scope" && name !== "step");
  if (event.data.scope === "epoch") {
    const single = metrics.filter(([, value]) => value === null || typeof value === "number");
    const row = single.map(([name, value]) => [name, number(value)] as const);
    batch.epochs.merge(event.epoch, event.step, Object.fromEntries(row));
    return;
  }
  const columns = metrics.filter((pair): pair is [string, unknown[]] => Array.isArray(pair[1]) && !Array.isArray(pair[1][0]));
  (event.data.step ?? []).forEach((step, at) => {
    const row = columns.map(([name, column]) => [name, number(column[at])] as const);
    batch.steps.merge(step, step, Object.fromEntries(row));
  });
}

function note(batch: Batch, event: EventOf<"artifact.created">): void {
  const { kind, keys } = event.data;
  const names = Object.keys(keys);
  const [epoch, step] = [keys.epoch, keys.step].map((key) => (typeof key === "number" ? key : null)) as [number | null, number | null];
  const file = { path: event.data.path, revision: event.id };
  if (epoch !== null && step !== null && names.length === 2) {
    batch.files[snapshotKey(kind, step)] = file;
    batch.snapshots[kind] = withPlace(batch.snapshots[kind] ?? [], step);
    return;
  }
  if (names.some((name) => name !== "epoch")) return; // an answer to a question: not one per epoch
  const known = batch.artifacts[kind] ?? [];
  batch.files[fileKey(kind, epoch)] = file;
  batch.artifacts[kind] = epoch === null ? known : withPlace(known, epoch);
}

function withPlace(known: readonly number[], place: number): readonly number[] {
  if (known.length === 0 || place > (known.at(-1) as number)) return [...known, place];
  return known.includes(place) ? known : [...known, place].sort((a, b) => a - b);
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
