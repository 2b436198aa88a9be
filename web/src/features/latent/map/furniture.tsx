"use client";
import type { RefObject } from "react";
import type { Stage } from "@/charts/map/stage";
import { Receipt } from "@/features/session/Receipt";
import { useRun } from "@/features/session/RunSession";
import type { Bounds } from "@/lib/camera";
import { count, percent } from "@/lib/format";
import type { MapFrame } from "@/lib/latent/map";
import { Button } from "@/ui/Button";
import { OVERLAYS } from "../overlays";
import { AtlasButton } from "./AtlasButton";
import { FitButton } from "./FitButton";
import styles from "./LatentMap.module.css";

/** How many points there are, and what the axes of the map are. */
export function Title({ frame }: { readonly frame: MapFrame }) {
  const posterior = useRun((run) => run.capabilities.includes("posterior"));
  return (
    <p className={styles.title}>
      <b>{count(frame.ids.length)} points</b> · {wordsOf(frame, posterior)}
    </p>
  );
}

function wordsOf({ method, dims, explained }: MapFrame, posterior: boolean): string {
  if (method === "identity") return `latents as they are, ${dims}-D`;
  if (method !== "pca") return `${method.toUpperCase()} of the latents, ${dims}-D`;
  const kept = explained ? explained.reduce((sum, share) => sum + share, 0) : null;
  return `${posterior ? "means of q(z|x)" : "latents"}, PCA in ${dims}-D${kept === null ? "" : `, ${percent(kept)} of the variance`}`;
}

interface MarksProps {
  readonly stage: RefObject<Stage | null>;
  /** Ids of the overlays that are drawn. */
  readonly on: ReadonlySet<string>;
}

/** What the overlays have to be pointed at. */
export function Marks({ stage, on }: MarksProps) {
  return OVERLAYS.map(({ id, Marks: Own }) => Own && on.has(id) && <Own key={id} stage={stage} />);
}

/** In the lower left corner of a 2-D map: what the colors of its ground mean. */
export function Low({ on }: Pick<MarksProps, "on">) {
  return (
    <div className={styles.low}>
      {OVERLAYS.map(({ id, Legend }) => Legend && on.has(id) && <Legend key={id} />)}
      <AtlasButton />
    </div>
  );
}

interface CornerProps {
  readonly kind: string;
  readonly frame: MapFrame;
  /** The bounds of all epochs. */
  readonly whole: Bounds;
  /** Whether somebody has moved the camera. */
  readonly moved: boolean;
  /** The camera is to go where it belongs. */
  readonly onWhole: () => void;
}

/** In the lower right corner: where the camera looks, and where the map comes from. */
export function Corner({ kind, frame, whole, moved, onWhole }: CornerProps) {
  return (
    <div className={styles.corner}>
      {moved && (
        <Button look="plain" className={styles.whole} title="Shows the whole map again (0)" onClick={onWhole}>
          Whole map
        </Button>
      )}
      <FitButton frame={frame} whole={whole} onChange={onWhole} />
      <Receipt kind={kind} epoch={frame.epoch} receipt={frame.receipt} caption />
    </div>
  );
}
