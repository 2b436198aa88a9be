"use client";
import { useRun } from "@/features/session/RunSession";
import { nearestEpoch } from "@/lib/runState";
import { Make } from "../computing/Make";
import { useMakeable } from "../computing/useMaking";
import { useLatent } from "../latent";
import styles from "./LatentMap.module.css";

/** Where the 2-D map has no atlas yet: how to have one. */
export function AtlasButton() {
  const { view, epoch } = useLatent();
  const [kind, trust] = [`atlas_${view.method}`, `trust_2d_${view.method}`];
  const has = useRun((run) => nearestEpoch(run, kind, epoch) !== null);
  const at = useMakeable(kind, epoch);
  if (has || at === null || view.dims !== 2) return null;
  return (
    <div className={styles.atlas}>
      <Make
        quiet
        kinds={[kind, trust]}
        epoch={at}
        label={at === epoch ? "Make the decode atlas for this epoch" : `Make the decode atlas for epoch ${at}`}
        title="Then hovering shows what the decoder makes of any place of the map"
        doing={`Decode atlas of epoch ${at}`}
      />
    </div>
  );
}
