"use client";
import { useEffect, useMemo, useState } from "react";
import { loadBinary } from "@/api/artifacts";
import { asProblem, type Problem } from "@/api/problem";
import { useLink, useRun, useSession } from "@/features/session/RunSession";
import type { Session } from "@/features/session/session";
import { parseLatents, type Latents } from "@/lib/latents";
import type { Moment } from "@/lib/moments";
import { fileKey, snapshotKey } from "@/lib/runState";
import { KIND } from "./useMoments";

/** The latents of a moment. */
export interface Still {
  readonly moment: Moment;
  readonly latents: Latents;
}

const nameOf = ({ epoch, step, inside }: Moment) => (inside ? snapshotKey(KIND, step) : fileKey(KIND, epoch));

/** The event that last wrote the file of a moment. */
const revisionOf = (session: Session, moment: Moment) => session.run.get().files[nameOf(moment)]?.revision ?? 0;

/** Out of memory, or on their way. */
function load(session: Session, moment: Moment): Promise<Latents> {
  const { epoch, step, inside } = moment;
  return loadBinary(session.runId, KIND, inside ? { epoch, step } : { epoch }, parseLatents, revisionOf(session, moment));
}

interface Loaded {
  /** The newest that arrived; it stays while the next one is on its way. */
  readonly still: Still | null;
  readonly problem: Problem | null;
}

/** The latents of one moment. */
export function useStill(moment: Moment | null): Loaded {
  const session = useSession();
  const { connection } = useLink();
  const [held, setHeld] = useState<Loaded>({ still: null, problem: null });
  const chance = held.problem?.isOffline ? connection : "";
  const key = useRun((run) => (moment ? `${nameOf(moment)} ${run.files[nameOf(moment)]?.revision}` : ""));
  useEffect(() => {
    if (!moment) return;
    let current = true;
    load(session, moment).then(
      (latents) => current && setHeld({ still: { moment, latents }, problem: null }),
      (reason: unknown) => {
        const problem = asProblem(reason);
        if (current) setHeld(({ still }) => ({ still: problem.isOffline ? still : null, problem }));
      },
    );
    return () => {
      current = false;
    };
    // The key stands for the moment: a growing run makes new objects of the same moments.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [session, key, chance]);
  return held;
}

/** Several moments, each as soon as it is there; a damaged one is left out. */
export function useStills(moments: readonly Moment[]): readonly Still[] {
  const session = useSession();
  const [known, setKnown] = useState<ReadonlyMap<string, Latents>>(new Map());
  useEffect(() => {
    let current = true;
    for (const moment of moments) {
      const take = (latents: Latents) => {
        const name = nameOf(moment);
        if (current) setKnown((old) => (old.get(name) === latents ? old : new Map(old).set(name, latents)));
      };
      load(session, moment).then(take, () => undefined);
    }
    return () => {
      current = false;
    };
  }, [session, moments]);
  return useMemo(() => {
    return moments.flatMap((moment) => {
      const latents = known.get(nameOf(moment));
      return latents ? [{ moment, latents }] : [];
    });
  }, [moments, known]);
}

const AHEAD = 2;

/** Loads the next moments on both sides of one before they are asked for. */
export function useAhead(moments: readonly Moment[], moment: Moment | null): void {
  const session = useSession();
  useEffect(() => {
    const place = moment ? moments.indexOf(moment) : -1;
    if (place < 0) return;
    for (const next of moments.slice(Math.max(0, place - AHEAD), place + AHEAD + 1)) {
      load(session, next).catch(() => undefined); // told when it is shown
    }
  }, [session, moments, moment]);
}
