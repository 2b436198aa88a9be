import type { RunState } from "../runState";

/** A kind of artifact and the epochs that have one; as the server lists them. */
export interface Group {
  readonly kind: string;
  readonly epochs: readonly number[];
}

/**
 * Adds artifacts that no event told of: what is made on request while the run trains is written
 * without one. What is known already stays as it is.
 */
export function withArtifacts(run: RunState, groups: readonly Group[]): RunState {
  const fresh = groups.flatMap(({ kind, epochs }) => {
    const known = run.artifacts[kind] ?? [];
    const all = [...new Set([...known, ...epochs])].sort((a, b) => a - b);
    return all.length > known.length ? [[kind, all] as const] : [];
  });
  return fresh.length === 0 ? run : { ...run, artifacts: { ...run.artifacts, ...Object.fromEntries(fresh) } };
}
