"use client";
import { useEffect, useMemo } from "react";
import { useEpoch, useRun } from "@/features/session/RunSession";
import { momentsOf, type Moment } from "@/lib/moments";

export const KIND = "latents";

/** The moments at which the run recorded its latents; while somebody looks, the scrubber stops at each. */
export function useMoments(): readonly Moment[] {
  const [, store] = useEpoch();
  const ends = useRun((run) => run.artifacts[KIND]);
  const within = useRun((run) => run.snapshots[KIND]);
  const stepsPerEpoch = useRun((run) => run.stepsPerEpoch);
  const totalSteps = useRun((run) => run.totalSteps);
  const moments = useMemo(() => {
    const clock = { artifacts: { [KIND]: ends ?? [] }, snapshots: { [KIND]: within ?? [] }, stepsPerEpoch, totalSteps };
    return momentsOf(clock, KIND);
  }, [ends, within, stepsPerEpoch, totalSteps]);
  useEffect(() => {
    const inside = moments.filter((moment) => moment.inside).map(({ at }) => at);
    if (inside.length > 0) store.stopAt(inside);
  }, [moments, store]);
  useEffect(() => () => store.stopAt([]), [store]);
  return moments;
}
