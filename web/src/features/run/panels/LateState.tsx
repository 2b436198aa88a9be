"use client";
import { Make } from "@/features/latent/computing/Make";
import { useComputable } from "@/features/samples/useSheet";
import { useDetail, useEpoch, useRun } from "@/features/session/RunSession";
import type { Loaded } from "@/features/session/useArtifact";
import { checkpointAt } from "@/lib/computable";
import { Button } from "@/ui/Button";
import styles from "./LateState.module.css";
import { PanelState } from "./PanelState";

interface LateProps {
  readonly kind: string;
  readonly loaded: Loaded<unknown>;
  /** What it is, as in "No scores". */
  readonly what: string;
  /** What the button says before the epoch, as in "Score". */
  readonly verb: string;
  /** What is under way, in words. */
  readonly doing: string;
}

/** The epoch for which a kind of the end could be made, other than the one at hand; null where there is none. */
function useOtherEpoch(kind: string, at: number | null): number | null {
  const [{ epoch }] = useEpoch();
  const detail = useDetail();
  const able = useComputable().includes(kind);
  const kept = able ? checkpointAt(detail, epoch) : null;
  return kept === at ? null : kept;
}

/** In place of what is made at a run's end, at an epoch before: where it is, and a button that makes it here. */
export function LateState({ kind, loaded, what, verb, doing }: LateProps) {
  const [{ epoch }, store] = useEpoch();
  const later = useRun((run) => run.artifacts[kind]?.find((at) => at > epoch) ?? null);
  const kept = useOtherEpoch(kind, null);
  if (loaded.state !== "none" || later === null) return <PanelState loaded={loaded} what={what} height={96} />;
  return (
    <div className={styles.late}>
      <p>Made at epoch {later}, the end of the run.</p>
      <Button onClick={() => store.go(later)}>Go to epoch {later}</Button>
      {kept !== null && <Make kinds={[kind]} epoch={kept} label={`${verb} epoch ${kept}`} doing={doing} />}
    </div>
  );
}

/** Below what is of an earlier epoch than the scrubber's: a button that makes it for this one. */
export function AlsoHere({ kind, loaded, verb, doing }: Omit<LateProps, "what">) {
  const kept = useOtherEpoch(kind, loaded.epoch);
  if (kept === null || loaded.epoch === null || kept < loaded.epoch) return null;
  return (
    <div className={styles.also}>
      <Make quiet kinds={[kind]} epoch={kept} label={`${verb} epoch ${kept} too`} doing={doing} />
    </div>
  );
}
