"use client";
import { useCallback, useMemo, useRef, type PointerEvent } from "react";
import { compact } from "@/lib/format";
import type { Effect } from "@/lib/interventions";
import type { Ink } from "@/lib/pointColors";
import { spanOf, type Span } from "@/lib/ticks";
import styles from "./EffectPlot.module.css";
import { drawLit, drawPoints, fitted, nearestPlace, token, type Places, type Surface } from "./surface";
import { usePainting } from "./usePainting";

interface EffectPlotProps {
  readonly label: string;
  /** Of each example, 0 to 1. */
  readonly similarity: Float32Array;
  /** Error that the intervention adds to each. */
  readonly added: Float32Array;
  readonly effect: Effect;
  readonly ink: Ink;
  readonly theme: string;
  readonly lit: number | null;
  readonly onLit: (at: number | null) => void;
}

const NEAR = 14;
const PAD = 8;

/** What an intervention adds, over the similarity to a subject: the examples, their mean by tenths, and the line through them. */
export function EffectPlot({ label, similarity, added, effect, ink, theme, lit, onLit }: EffectPlotProps) {
  const span = useMemo(() => rangeOf(added, effect), [added, effect]);
  const places = useRef<Places>(new Float32Array(0));
  const paint = useCallback(
    (canvas: HTMLCanvasElement) => {
      void theme;
      const surface = fitted(canvas);
      if (!surface) return;
      const to = scaleOf(surface, span);
      drawMarks(surface, span, to);
      places.current = new Float32Array(similarity.length * 2);
      similarity.forEach((near, at) => places.current.set([to.x(near), to.y(added[at] as number)], at * 2));
      drawPoints(surface, places.current, ink.fill, ink.lost, 5, token("text-3"));
      drawBins(surface, effect, to);
      drawLine(surface, effect, to);
      if (lit !== null) drawLit(surface, places.current, lit, ink.fill[lit] ?? token("bar"), token("text"), token("ground"));
    },
    [similarity, added, effect, ink, theme, lit, span],
  );
  const canvas = usePainting(paint);
  const follow = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    onLit(nearestPlace(places.current, event.clientX - box.left, event.clientY - box.top, NEAR));
  };
  const shareOf = (mark: number) => `calc(${PAD}px + ${(1 - (mark - span.low) / (span.high - span.low)) * 100}% - ${(1 - (mark - span.low) / (span.high - span.low)) * 2 * PAD}px)`;
  return (
    <div className={styles.frame}>
      <span className={styles.marks} aria-hidden="true">
        {span.marks.map((mark) => (
          <i key={mark} style={{ top: shareOf(mark) }}>{compact(mark, 2)}</i>
        ))}
      </span>
      <canvas ref={canvas} className={styles.plot} role="img" aria-label={label} onPointerMove={follow} onPointerDown={follow} onPointerLeave={() => onLit(null)} />
      <span className={styles.across} aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((mark) => (
          <i key={mark}>{mark}</i>
        ))}
      </span>
    </div>
  );
}

/** A range that holds every example and the line, with round marks inside. */
function rangeOf(added: Float32Array, { slope, intercept }: Effect): Span {
  const ends = slope === null || intercept === null ? [] : [intercept, intercept + slope];
  const values = [0, ...ends, ...added].filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 1) * 0.03;
  const marks = spanOf([low, 0, high]).marks.filter((mark) => mark >= low - room && mark <= high + room);
  return { low: low - room, high: high + room, marks };
}

interface Scale {
  readonly x: (near: number) => number;
  readonly y: (value: number) => number;
}

function scaleOf({ width, height }: Surface, { low, high }: Span): Scale {
  return {
    x: (near) => PAD + near * (width - 2 * PAD),
    y: (value) => PAD + (1 - (value - low) / (high - low)) * (height - 2 * PAD),
  };
}

function drawMarks({ pen, width }: Surface, { marks }: Span, { y }: Scale): void {
  for (const mark of marks) {
    pen.fillStyle = token(mark === 0 ? "line-strong" : "line");
    pen.fillRect(0, Math.round(y(mark)), width, 1);
  }
}

/** The mean of every tenth of the similarity. */
function drawBins({ pen }: Surface, { bins }: Effect, { x, y }: Scale): void {
  pen.strokeStyle = token("text");
  pen.lineWidth = 2;
  bins.forEach((mean, tenth) => {
    if (mean === null) return;
    pen.beginPath();
    pen.moveTo(x(tenth / bins.length) + 1, y(mean));
    pen.lineTo(x((tenth + 1) / bins.length) - 1, y(mean));
    pen.stroke();
  });
}

function drawLine({ pen }: Surface, { slope, intercept }: Effect, { x, y }: Scale): void {
  if (slope === null || intercept === null) return;
  pen.strokeStyle = token("accent");
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x(0), y(intercept));
  pen.lineTo(x(1), y(intercept + slope));
  pen.stroke();
}
