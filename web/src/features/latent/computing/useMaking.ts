"use client";
import { useMemo, useSyncExternalStore } from "react";
import { useComputable } from "@/features/samples/useSheet";
import { useDetail, useRun, useSession } from "@/features/session/RunSession";
import { checkpointAt } from "@/lib/computable";
import { nearestEpoch } from "@/lib/runState";
import { makingOf, type Making, type Progress } from "./making";

/** The making of some kinds at an epoch, and how far it is. */
export function useMaking(kinds: readonly string[], epoch: number): readonly [Progress, Making] {
  const session = useSession();
  const names = kinds.join();
  const making = useMemo(() => makingOf(session, names.split(","), epoch), [session, names, epoch]);
  return [useSyncExternalStore(making.subscribe, making.get), making];
}

/** Kinds that need the model, and with it a checkpoint; the others are made from recorded latents. */
const WITH_MODEL = /^(atlas|trust_2d)_/;

/**
 * The epoch at which a kind can be made for the scrubber's: the newest one up to it that has what
 * the making needs. Null where the run cannot make it.
 */
export function useMakeable(kind: string, epoch: number): number | null {
  const computable = useComputable().includes(kind);
  const detail = useDetail();
  const recorded = useRun((run) => nearestEpoch(run, "latents", epoch));
  if (!computable) return null;
  const kept = checkpointAt(detail, epoch);
  if (WITH_MODEL.test(kind) || recorded === null) return kept;
  return kept === null ? recorded : Math.max(kept, recorded);
}
