"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";

const BUSY_MS = 1500;
const IDLE_MS = 6000;

/** Where a list comes from; the same object at every render. */
export interface Listing<T> {
  readonly list: () => Promise<readonly T[]>;
  /** Whether something goes on in a row, so that it is looked at often. */
  readonly isBusy: (row: T) => boolean;
  /** Takes over from the rows of before what has not changed. */
  readonly keep?: (old: readonly T[], fresh: readonly T[]) => readonly T[];
}

export interface List<T> {
  /** Null until the first answer. */
  readonly rows: readonly T[] | null;
  /** Why the last look failed; the rows are then those of before. */
  readonly problem: Problem | null;
  readonly refresh: () => void;
}

/** A list, looked at often while something goes on in it, seldom otherwise, never while hidden. */
export function useList<T>(of: Listing<T>): List<T> {
  const [rows, setRows] = useState<readonly T[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let live = true;
    let busy = false;
    const look = async () => {
      clearTimeout(timer);
      try {
        const fresh = await of.list();
        if (!live) return;
        busy = fresh.some(of.isBusy);
        setRows((old) => (old && of.keep ? of.keep(old, fresh) : fresh));
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
  }, [of]);
  const refresh = useCallback(() => again.current(), []);
  return { rows, problem, refresh };
}
