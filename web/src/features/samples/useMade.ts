"use client";
import { useEffect, useMemo, useState } from "react";
import { makeSheet, type MadeSheet, type Wish } from "@/api/makeArtifact";
import { asProblem, type Problem } from "@/api/problem";
import { useDetail, useLink } from "@/features/session/RunSession";
import { useRunId } from "@/features/session/runId";
import { checkpointAt } from "@/lib/computable";

/** Something made on request, as it stands: what was seen stays while the next one is made. */
export interface LoadedMade<T> {
  readonly sheet: MadeSheet<T> | null;
  /** The epoch that it is to be of: that of the last checkpoint; null where none was kept. */
  readonly epoch: number | null;
  /** Whether `sheet` is of what was asked for last. */
  readonly current: boolean;
  readonly problem: Problem | null;
}

/** The scrubber rests this long before anything is asked of the server. */
const REST_MS = 180;

interface Held<T> {
  readonly key: string;
  readonly kind: string;
  readonly sheet: MadeSheet<T> | null;
  readonly problem: Problem | null;
}

/**
 * What the server makes with the checkpoint of the epoch at hand, or with the last one before it.
 *
 * @param wish Keys and options besides the epoch; null while nothing is wanted.
 * @param parse Checks the file; must be the same function at every render.
 * @param pictured Whether this kind has a sheet of pictures, where the data are images.
 */
export function useMade<T>(kind: string, epoch: number, wish: Wish | null, parse: (value: unknown) => T, pictured = true): LoadedMade<T> {
  const runId = useRunId();
  const detail = useDetail();
  const at = checkpointAt(detail, epoch);
  const { connection } = useLink();
  const text = wish === null || at === null ? "" : JSON.stringify({ ...wish, epoch: at });
  const [held, setHeld] = useState<Held<T>>({ key: "", kind, sheet: null, problem: null });
  const chance = held.problem?.isOffline ? connection : "";
  useEffect(() => {
    if (text === "") return;
    let current = true;
    let leave: (() => void) | null = null;
    const timer = setTimeout(() => {
      const order = makeSheet(runId, kind, JSON.parse(text) as Wish, parse, pictured);
      leave = order.leave;
      order.loading.then(
        (sheet) => current && setHeld({ key: text, kind, sheet, problem: null }),
        (reason: unknown) => current && setHeld((old) => ({ key: text, kind, sheet: old.kind === kind ? old.sheet : null, problem: asProblem(reason) })),
      );
    }, REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
      leave?.();
    };
  }, [runId, kind, text, parse, pictured, chance]);
  return useMemo(() => {
    const sheet = text === "" || held.kind !== kind ? null : held.sheet;
    const problem = held.key === text && held.kind === kind ? held.problem : null;
    return { sheet, epoch: at, current: held.key === text && problem === null, problem };
  }, [held, text, kind, at]);
}
