"use client";
import { useMemo } from "react";
import { usePalette } from "@/features/latent/data/usePalette";
import { classColor } from "@/features/latent/look";
import { css } from "@/lib/rgb";
import type { Arrangement } from "@/lib/sweep/arrange";
import type { Codes } from "@/lib/sweep/codes";
import { legendLines } from "@/lib/sweep/legend";
import { cx } from "@/ui/cx";
import { useMetric, useStore, useSweep, useSweepPage } from "../context";
import styles from "./Wall.module.css";

interface LegendProps {
  readonly codes: Codes;
  /** Null below the wall. */
  readonly at: Arrangement["free"];
}

/** What the dashes, the numbers and the letters mean, where the first line of tiles leaves room. */
export function Legend({ codes, at }: LegendProps) {
  const sweep = useSweep();
  const { look } = useSweepPage();
  const metric = useMetric();
  const labels = useLabels();
  const palette = usePalette((labels.at(-1) ?? 0) + 1);
  return (
    <div className={cx(styles.legend, at ? styles.placed : styles.flow)} style={at ? { left: at.left, top: at.top, width: at.width } : undefined}>
      {legendLines(sweep, metric, look.scale).map((line) => <p key={line}>{line}</p>)}
      {codes.parts.length > 0 && (
        <p>{codes.parts.map(([letter, part]) => <span key={letter}><b>{letter}</b> {part}</span>)}</p>
      )}
      {labels.length > 1 && (
        <p>{labels.map((label) => <span key={label}><i className={styles.dot} style={{ background: css(classColor(palette, label)) }} />{label}</span>)}</p>
      )}
    </div>
  );
}

const MOST_LABELS = 24;

/** The labels that colors stand for; none where each point has its own color, or there are too many to tell. */
function useLabels(): readonly number[] {
  const { session, look } = useSweepPage();
  const points = useStore(session.film.points);
  return useMemo(() => {
    if (!points?.labels || (points.colors && look.color === "own")) return [];
    const labels = [...new Set(points.labels)].filter((label) => label >= 0).sort((a, b) => a - b);
    return labels.length > MOST_LABELS ? [] : labels;
  }, [points, look.color]);
}
