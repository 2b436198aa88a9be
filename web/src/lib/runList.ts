/** The columns by which a list of runs is sorted and searched; rows are the server's. */
export interface ListedRun {
  readonly run_id: string;
  readonly display_name: string;
  readonly model_kind: string;
  readonly dataset: string;
  readonly state: string;
  readonly epoch: number;
  readonly tags?: readonly string[];
  readonly created?: string | null;
  readonly duration_s?: number | null;
  readonly last_metrics?: Readonly<Record<string, number | null>>;
  readonly best_metrics?: Readonly<Record<string, number | null>>;
}

export type ListColumn = "name" | "model" | "data" | "status" | "epoch" | "last" | "best" | "score" | "duration" | "created";

const STATE_ORDER = ["running", "created", "failed", "cancelled", "completed", "unreadable"];

/** The loss that a run is judged by: on validation where there is one. */
export function lossOf(metrics: ListedRun["last_metrics"]): number | null {
  return metrics?.["val/loss"] ?? metrics?.["train/loss"] ?? null;
}

const SCORES = ["clustering_accuracy", "probe_accuracy", "knn_accuracy"] as const;

/** The score that says most about a run: how well its components, or its latents, tell classes apart. */
export function scoreOf(metrics: ListedRun["best_metrics"]): { readonly name: string; readonly value: number } | null {
  for (const name of SCORES) {
    const value = metrics?.[name];
    if (typeof value === "number") return { name, value };
  }
  return null;
}

function key(run: ListedRun, column: ListColumn): string | number | null {
  switch (column) {
    case "name":
      return run.display_name.toLowerCase();
    case "model":
      return run.model_kind;
    case "data":
      return run.dataset;
    case "status":
      return STATE_ORDER.indexOf(run.state);
    case "epoch":
      return run.epoch;
    case "last":
      return lossOf(run.last_metrics);
    case "best":
      return lossOf(run.best_metrics);
    case "score":
      return scoreOf(run.best_metrics)?.value ?? null;
    case "duration":
      return run.duration_s ?? null;
    case "created":
      return run.created ?? dateOf(run.run_id);
  }
}

/** The time that an id begins with, written as the server writes times; for a run that cannot be read. */
function dateOf(runId: string): string | null {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(runId);
  return parts && `${parts.slice(1, 4).join("-")}T${parts.slice(4).join(":")}`;
}

/** Sorted by a column; rows without a value come last either way, ties by age, newest first. */
export function sortRuns<T extends ListedRun>(runs: readonly T[], column: ListColumn, descending: boolean): T[] {
  const sign = descending ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [x, y] = [key(a, column), key(b, column)];
    if (x === null || y === null) return x === y ? newestFirst(a, b) : x === null ? 1 : -1;
    if (x === y) return newestFirst(a, b);
    return (x < y ? -1 : 1) * sign;
  });
}

function newestFirst(a: ListedRun, b: ListedRun): number {
  return a.run_id < b.run_id ? 1 : -1;
}

/** A case-blind test of name, id, model, data and tags; text that is no regular expression is taken as it is. */
export function runFilter(pattern: string): { readonly test: (run: ListedRun) => boolean; readonly literal: boolean } {
  const { expression, literal } = compile(pattern.trim());
  const test = (run: ListedRun) => {
    if (!expression) return true;
    const words = [run.display_name, run.run_id, run.model_kind, run.dataset, ...(run.tags ?? [])];
    return words.some((word) => expression.test(word));
  };
  return { test, literal };
}

function compile(pattern: string): { expression: RegExp | null; literal: boolean } {
  if (pattern === "") return { expression: null, literal: false };
  try {
    return { expression: new RegExp(pattern, "i"), literal: false };
  } catch {
    const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return { expression: new RegExp(escaped, "i"), literal: true };
  }
}

/** The new rows, with every row that did not change kept as the object it was. */
export function keepUnchanged<T extends { readonly run_id: string }>(old: readonly T[], fresh: readonly T[]): readonly T[] {
  const before = new Map(old.map((row) => [row.run_id, row]));
  const merged = fresh.map((row) => {
    const known = before.get(row.run_id);
    return known && JSON.stringify(known) === JSON.stringify(row) ? known : row;
  });
  const same = merged.length === old.length && merged.every((row, at) => row === old[at]);
  return same ? old : merged;
}
