"use client";
import { useCallback, useRef, type PointerEvent } from "react";
import type { Ink } from "@/lib/pointColors";
import { drawLit, drawPoints, fitted, nearestPlace, token, type Places, type Surface } from "./surface";
import styles from "./PairPlot.module.css";
import { usePainting } from "./usePainting";

interface PairPlotProps {
  /** What it shows; empty where what is around it says so. */
  readonly label: string;
  /** Across and up in turns, [2N]. */
  readonly points: Float32Array;
  readonly ink: Ink;
  /** From the middle to the edge. */
  readonly reach: number;
  /** Painted anew when it changes. */
  readonly theme: string;
  /** The point that stands out. */
  readonly lit?: number | null;
  readonly onLit?: (at: number | null) => void;
}

const NEAR = 16;

/** Points around the origin, both axes alike, with the unit circle dashed. */
export function PairPlot({ label, points, ink, reach, theme, lit = null, onLit }: PairPlotProps) {
  const places = useRef<Places>(new Float32Array(0));
  const paint = useCallback(
    (canvas: HTMLCanvasElement) => {
      void theme;
      const surface = fitted(canvas);
      if (!surface) return;
      places.current = placed(points, reach, surface);
      drawCircle(surface, reach);
      drawPoints(surface, places.current, ink.fill, ink.lost, Math.max(2, surface.width / 62), token("text-3"));
      if (lit !== null) drawLit(surface, places.current, lit, ink.fill[lit] ?? token("bar"), token("text"), token("surface"));
    },
    [points, ink, reach, theme, lit],
  );
  const canvas = usePainting(paint);
  const follow = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    onLit?.(nearestPlace(places.current, event.clientX - box.left, event.clientY - box.top, NEAR));
  };
  const watched = onLit && { onPointerMove: follow, onPointerDown: follow, onPointerLeave: () => onLit(null) };
  const told = label ? { role: "img", "aria-label": label } : { "aria-hidden": true };
  return <canvas ref={canvas} className={styles.plot} {...told} {...watched} />;
}

function placed(points: Float32Array, reach: number, { width, height }: Surface): Places {
  const places = new Float32Array(points.length);
  for (let at = 0; at < points.length; at += 2) {
    places[at] = (width / 2) * (1 + (points[at] as number) / reach);
    places[at + 1] = (height / 2) * (1 - (points[at + 1] as number) / reach);
  }
  return places;
}

function drawCircle({ pen, width, height }: Surface, reach: number): void {
  const small = width < 140;
  pen.setLineDash(small ? [2, 2] : [3, 3]);
  pen.lineWidth = 1;
  pen.strokeStyle = token("text-3");
  pen.globalAlpha = small ? 0.7 : 0.8;
  pen.beginPath();
  pen.ellipse(width / 2, height / 2, width / 2 / reach, height / 2 / reach, 0, 0, 2 * Math.PI);
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}
