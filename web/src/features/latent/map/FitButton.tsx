"use client";
import type { Bounds } from "@/lib/camera";
import { shareOf, type MapFrame } from "@/lib/latent/map";
import { Button } from "@/ui/Button";
import { useLatent } from "../latent";
import styles from "./LatentMap.module.css";

/** An epoch that takes less than this of the run's bounds is too small to be read. */
const SMALL = 0.6;

interface FitButtonProps {
  readonly frame: MapFrame;
  /** The bounds of all epochs. */
  readonly whole: Bounds;
  /** The camera is to go where it belongs. */
  readonly onChange: () => void;
}

/** Where other epochs were far wider than this one: draws each epoch as large as it fits, or all at one scale. */
export function FitButton({ frame, whole, onChange }: FitButtonProps) {
  const { view, change } = useLatent();
  const on = view.fit === "epoch";
  if (!on && shareOf(frame, whole) >= SMALL) return null;
  const title = on ? "Every epoch fills the map. Press to draw all epochs at one scale." : "Other epochs are wider. Press to draw every epoch as large as it fits.";
  return (
    <Button
      look="plain"
      className={styles.whole}
      aria-pressed={on}
      title={title}
      onClick={() => {
        change({ fit: on ? "run" : "epoch" });
        onChange();
      }}
    >
      Fit each epoch
    </Button>
  );
}
