import type { RunState } from "./runState";

/** A moment at which a run recorded something: the end of an epoch, or a step inside one. */
export interface Moment {
  readonly step: number;
  /** Complete passes by then. */
  readonly epoch: number;
  /** Whether it lies inside an epoch: its files carry the step in their names. */
  readonly inside: boolean;
  /** Where it is on the axis of epochs. */
  readonly at: number;
}

type Clock = Pick<RunState, "artifacts" | "snapshots" | "stepsPerEpoch" | "totalSteps">;

/** How many epochs the updates of a run are worth, the last of which may be a part; null while that is not known. */
export function passesOf({ stepsPerEpoch, totalSteps }: Pick<RunState, "stepsPerEpoch" | "totalSteps">): number | null {
  return stepsPerEpoch && totalSteps !== null ? totalSteps / stepsPerEpoch : null;
}

/**
 * Where the axis of epochs ends: at the last epoch that the run has or plans, or within it where that
 * is a part of one.
 */
export function axisEnd(last: number, passes: number | null): number {
  return passes !== null && passes > 0 && passes < last && passes > last - 1 ? passes : last;
}

/** Every moment at which a run has a kind, in the order of steps. */
export function momentsOf(run: Clock, kind: string): readonly Moment[] {
  const perEpoch = run.stepsPerEpoch;
  const passes = passesOf(run) ?? Infinity;
  const ends = (run.artifacts[kind] ?? []).map((epoch) => {
    const at = Math.min(epoch, passes);
    return { step: Math.round(at * (perEpoch ?? 1)), epoch, inside: false, at };
  });
  if (!perEpoch) return ends;
  const within = (run.snapshots[kind] ?? []).map((step) => ({ step, epoch: Math.floor(step / perEpoch), inside: true, at: step / perEpoch }));
  return [...ends, ...within].sort((a, b) => a.at - b.at || a.epoch - b.epoch);
}

const NEAR = 1e-6;

/** The newest moment up to a place on the axis; null if there is none. */
export function momentAt(moments: readonly Moment[], at: number): Moment | null {
  return moments.findLast((moment) => moment.at <= at + NEAR) ?? null;
}
