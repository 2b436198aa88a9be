"use client";
import { useEffect, useState } from "react";
import { loadArtifact, type ArtifactKeys } from "@/api/artifacts";
import { asProblem, type Problem } from "@/api/problem";
import { fileKey, nearestEpoch } from "@/lib/runState";
import { useRunId } from "./runId";
import { useLink, useRun } from "./RunSession";

export interface Loaded<T> {
  /** The newest that arrived; stays while the next one is on its way, so that nothing flickers. */
  readonly data: T | null;
  /** The epoch that `data` is of. */
  readonly epoch: number | null;
  readonly problem: Problem | null;
  /** "none" says that the run has made no such artifact yet. */
  readonly state: "none" | "loading" | "ready" | "failed";
}

const NOTHING = { data: null, epoch: null, problem: null } as const;

/** Without a server, what was seen stays; a file that is missing or damaged takes its place. */
function afterFailure<T>(old: Loaded<T>, epoch: number | null, problem: Problem): Loaded<T> {
  if (problem.isOffline && old.data !== null) return { ...old, problem };
  return { data: null, epoch, problem, state: "failed" };
}

/** Changes when a load that found no server should be tried again. */
function useSecondChance(problem: Problem | null): string {
  const { connection } = useLink();
  return problem?.isOffline ? connection : "";
}

/** The epoch at or before `epoch` at which the run has this kind, and what wrote it last. */
export function useArtifactEpoch(kind: string, epoch: number): { at: number | null; revision: number } {
  const at = useRun((run) => nearestEpoch(run, kind, epoch));
  const revision = useRun((run) => (at === null ? 0 : (run.files[fileKey(kind, at)]?.revision ?? 0)));
  return { at, revision };
}

/**
 * A JSON artifact of the epoch at hand, or of the last one before it that has one.
 *
 * @param parse Checks the file; must be the same function at every render.
 */
export function useArtifact<T>(kind: string, epoch: number, parse: (value: unknown) => T): Loaded<T> {
  const runId = useRunId();
  const { at, revision } = useArtifactEpoch(kind, epoch);
  const [loaded, setLoaded] = useState<Loaded<T>>({ ...NOTHING, state: "loading" });
  const chance = useSecondChance(loaded.problem);
  useEffect(() => {
    if (at === null) return;
    let current = true;
    loadArtifact(runId, kind, { epoch: at }, parse, revision).then(
      (data) => current && setLoaded({ data, epoch: at, problem: null, state: "ready" }),
      (reason: unknown) => current && setLoaded((old) => afterFailure(old, at, asProblem(reason))),
    );
    return () => {
      current = false;
    };
  }, [runId, kind, at, revision, parse, chance]);
  return at === null ? { ...NOTHING, state: "none" } : loaded;
}

/** A JSON artifact that a run has once. */
export function useRunArtifact<T>(kind: string, parse: (value: unknown) => T, keys?: ArtifactKeys): Loaded<T> {
  const runId = useRunId();
  const exists = useRun((run) => run.artifacts[kind] !== undefined);
  const revision = useRun((run) => run.files[fileKey(kind, null)]?.revision ?? 0);
  const [loaded, setLoaded] = useState<Loaded<T>>({ ...NOTHING, state: "loading" });
  const chance = useSecondChance(loaded.problem);
  useEffect(() => {
    if (!exists) return;
    let current = true;
    loadArtifact(runId, kind, keys ?? {}, parse, revision).then(
      (data) => current && setLoaded({ data, epoch: null, problem: null, state: "ready" }),
      (reason: unknown) => current && setLoaded((old) => afterFailure(old, null, asProblem(reason))),
    );
    return () => {
      current = false;
    };
  }, [runId, kind, keys, exists, revision, parse, chance]);
  return exists ? loaded : { ...NOTHING, state: "none" };
}
