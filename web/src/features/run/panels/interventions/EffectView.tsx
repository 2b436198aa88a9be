"use client";
import { useMemo, useState } from "react";
import { EffectPlot } from "@/charts/points/EffectPlot";
import { usePalette } from "@/features/latent/data/usePalette";
import { useSprites } from "@/features/latent/data/useSprites";
import { Thumb } from "@/features/latent/Thumb";
import { useTheme } from "@/features/session/ThemeToggle";
import { compact } from "@/lib/format";
import type { Choice, Effect, Interventions } from "@/lib/interventions";
import { inkOf } from "@/lib/pointColors";
import { hex } from "@/lib/rgb";
import styles from "./interventions.module.css";
import { Ladder } from "./Ladder";

/** One intervention against one subject: point by point, and what it does to some of them. */
export function EffectView({ study, choice }: { readonly study: Interventions; readonly choice: Choice }) {
  const theme = useTheme();
  const palette = usePalette(0);
  const [lit, setLit] = useState<number | null>(null);
  const { swatches, ids } = study;
  const ink = useMemo(() => inkOf(swatches?.input ?? Array.from(ids, () => hex(palette.plain)), palette.ground), [swatches, ids, palette]);
  const one = study.interventions[choice.intervention];
  const subject = study.subjects[choice.subject];
  const effect = study.effects[choice.intervention]?.[choice.subject];
  if (!one || !subject || !effect) return null;
  return (
    <div className={styles.effect}>
      <p className={styles.head}>
        <b>{capital(one.name)}</b> <span>error added, over the similarity to {subject.name}</span>
        <Figures effect={effect} />
      </p>
      <EffectPlot
        label={`Error that ${one.name} adds, over the similarity to ${subject.name}`}
        similarity={subject.similarity}
        added={one.added}
        {...{ effect, ink, theme, lit, onLit: setLit }}
      />
      <Point study={study} choice={choice} lit={lit} />
      {swatches && <Ladder swatches={swatches} intervention={choice.intervention} similarity={subject.similarity} lit={lit} onLit={setLit} />}
    </div>
  );
}

function Figures({ effect: { r2, slope } }: { readonly effect: Effect }) {
  return (
    <span className={styles.figures}>
      r² <b>{r2 === null ? "–" : r2.toFixed(3)}</b>
      <span>slope {compact(slope, 2)}</span>
    </span>
  );
}

/** The point under the pointer. */
function Point({ study, choice, lit }: { readonly study: Interventions; readonly choice: Choice; readonly lit: number | null }) {
  const sheet = useSprites();
  if (lit === null) return <p className={styles.point}>Line: least squares. Bars: means by tenths of the similarity.</p>;
  const { ids, swatches, subjects, interventions } = study;
  const colors = swatches && [swatches.input[lit], swatches.before[lit], swatches.after[choice.intervention]?.[lit]];
  return (
    <p className={styles.point} role="status">
      {colors ? (
        <span className={styles.trio}>
          {colors.map((color, at) => (
            <span key={at} style={{ background: color }} title={["itself", "decoded", "after"][at]} />
          ))}
        </span>
      ) : (
        sheet && <Thumb sheet={sheet} id={ids[lit] as number} size={20} />
      )}
      <b>#{ids[lit]}</b>
      <span>similarity {subjects[choice.subject]?.similarity[lit]?.toFixed(2)}</span>
      <span>added {compact(interventions[choice.intervention]?.added[lit], 2)}</span>
    </p>
  );
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
