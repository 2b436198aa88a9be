"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { listSweeps } from "@/api/sweeps";
import { isEnded, type SweepLine } from "@/lib/sweep/sweep";

const BUSY_MS = 1500;
const IDLE_MS = 6000;

export interface SweepList {
  /** Null until the first answer. */
  readonly sweeps: readonly SweepLine[] | null;
  /** Why the last look failed; the rows are then those of before. */
  readonly problem: Problem | null;
  readonly refresh: () => void;
}

/** The list, looked at often while a sweep goes on, seldom otherwise, never while hidden. */
export function useSweeps(): SweepList {
  const [sweeps, setSweeps] = useState<readonly SweepLine[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let live = true;
    let busy = false;
    const look = async () => {
      clearTimeout(timer);
      try {
        const fresh = await listSweeps();
        if (!live) return;
        busy = fresh.some(({ state, queued }) => !isEnded(state) || queued !== null);
        setSweeps(fresh);
        setProblem(null);
      } catch (reason) {
        if (live) setProblem(asProblem(reason));
      }
      clearTimeout(timer);
      if (live && !document.hidden) timer = setTimeout(() => void look(), busy ? BUSY_MS : IDLE_MS);
    };
    const onVisibility = () => {
      if (!document.hidden) void look();
    };
    again.current = () => void look();
    document.addEventListener("visibilitychange", onVisibility);
    void look();
    return () => {
      live = false;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, []);
  const refresh = useCallback(() => again.current(), []);
  return { sweeps, problem, refresh };
}
