"use client";
import { useMemo, type CSSProperties } from "react";
import { ladder, type Swatches } from "@/lib/interventions";
import styles from "./interventions.module.css";

const MOST = 24;

interface LadderProps {
  readonly swatches: Swatches;
  readonly intervention: number;
  readonly similarity: Float32Array;
  readonly lit: number | null;
  readonly onLit: (at: number | null) => void;
}

/** Colors from the least to the most similar: themselves, decoded, and decoded after the intervention. */
export function Ladder({ swatches: { input, before, after }, intervention, similarity, lit, onLit }: LadderProps) {
  const shown = useMemo(() => ladder(similarity, MOST), [similarity]);
  const rows = [["Itself", input], ["Decoded", before], ["After", after[intervention] ?? []]] as const;
  return (
    <div className={styles.ladder} style={{ "--count": shown.length } as CSSProperties} onPointerLeave={() => onLit(null)}>
      {rows.map(([name, colors]) => (
        <div key={name} className={styles.rung}>
          <span>{name}</span>
          {shown.map((at) => (
            <i key={at} data-lit={at === lit || undefined} style={{ background: colors[at] }} onPointerEnter={() => onLit(at)} />
          ))}
        </div>
      ))}
      <div className={styles.ends}>
        <span>least similar</span>
        <span>most</span>
      </div>
    </div>
  );
}
