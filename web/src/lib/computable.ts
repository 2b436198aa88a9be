type Detail = Readonly<Record<string, unknown>> | object | null;

const NONE: readonly string[] = [];

function listOf(detail: Detail, name: string): readonly unknown[] {
  const value = detail === null ? null : (detail as Readonly<Record<string, unknown>>)[name];
  return Array.isArray(value) ? (value as readonly unknown[]) : NONE;
}

/** The kinds of artifacts that a run can make on request; none where the server says nothing of it. */
export function computableOf(detail: Detail): readonly string[] {
  return listOf(detail, "computable").filter((kind): kind is string => typeof kind === "string");
}

/** The epochs of a run's checkpoints, rising. */
export function checkpointsOf(detail: Detail): readonly number[] {
  const epochs = listOf(detail, "checkpoints").flatMap((item) => {
    const epoch = typeof item === "object" && item !== null ? (item as Readonly<Record<string, unknown>>).epoch : null;
    return typeof epoch === "number" ? [epoch] : [];
  });
  return epochs.sort((a, b) => a - b);
}

/** The epoch of the last checkpoint at or before `epoch`; null where there is none. */
export function checkpointAt(detail: Detail, epoch: number): number | null {
  return checkpointsOf(detail).findLast((at) => at <= epoch) ?? null;
}
