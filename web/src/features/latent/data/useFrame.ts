"use client";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { loadFrame } from "@/api/frames";
import { asProblem, type Problem } from "@/api/problem";
import { useLink, useSession } from "@/features/session/RunSession";
import { useRunId } from "@/features/session/runId";
import { useArtifactEpoch } from "@/features/session/useArtifact";
import type { FrameKind, FrameTypes } from "@/lib/latent/parsers";
import { FrameFeed } from "./frameFeed";

export interface LoadedFrame<T> {
  /** The newest that arrived; it stays while the next one is on its way, and when that one fails. */
  readonly data: T | null;
  /** Epoch of `data`. */
  readonly epoch: number | null;
  readonly problem: Problem | null;
  readonly state: "none" | "loading" | "ready" | "failed";
}

interface Held<T> {
  readonly of: string;
  readonly data: T | null;
  readonly epoch: number | null;
  readonly asked: number | null;
  readonly problem: Problem | null;
}

const EMPTY = { data: null, epoch: null, asked: null, problem: null } as const;

/**
 * A large artifact of the epoch at hand, or of the last one before it that has one.
 *
 * @param wanted Whether anything on screen needs it; if not, nothing is loaded.
 */
export function useFrame<K extends FrameKind>(kind: K, epoch: number, wanted = true): LoadedFrame<FrameTypes[K]> {
  const runId = useRunId();
  const { at, revision } = useArtifactEpoch(kind, epoch);
  const { connection } = useLink();
  const [held, setHeld] = useState<Held<FrameTypes[K]>>({ of: kind, ...EMPTY });
  const chance = held.problem?.isOffline ? connection : "";
  useEffect(() => {
    if (at === null || !wanted) return;
    let current = true;
    loadFrame({ runId, kind, epoch: at, revision }).then(
      (data) => current && setHeld({ of: kind, data, epoch: at, asked: at, problem: null }),
      (reason: unknown) => {
        if (!current) return;
        const kept = (before: Held<FrameTypes[K]>) => (before.of === kind ? before : { of: kind, ...EMPTY });
        setHeld((before) => ({ ...kept(before), asked: at, problem: asProblem(reason) }));
      },
    );
    return () => {
      current = false;
    };
  }, [runId, kind, at, revision, wanted, chance]);
  const state = at === null || !wanted ? "none" : held.of !== kind || held.asked !== at ? "loading" : held.problem ? "failed" : "ready";
  const shown = state === "none" || held.of !== kind ? EMPTY : held;
  const { data, epoch: of, problem } = shown;
  return useMemo(() => ({ data, epoch: of, problem, state }), [data, of, problem, state]);
}

/** The artifact of the very epoch, with `reach` epochs around it loaded ahead; for what moves at every epoch. */
export function useLiveFrame<K extends FrameKind>(kind: K, reach: number): LoadedFrame<FrameTypes[K]> {
  const session = useSession();
  const feed = useMemo(() => new FrameFeed(session, kind, reach), [session, kind, reach]);
  useEffect(() => feed.open(), [feed]);
  return useSyncExternalStore(feed.subscribe, feed.get);
}
