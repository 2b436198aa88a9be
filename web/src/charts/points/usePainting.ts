"use client";
import { useEffect, useRef, type RefObject } from "react";
import { NEXT_FRAME, Soon } from "@/lib/soon";

/** Paints a canvas when what is on it changes, at most once for each picture of the screen, and when its size does. */
export function usePainting(paint: (canvas: HTMLCanvasElement) => void): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(paint);
  const soon = useRef<Soon | null>(null);
  useEffect(() => {
    latest.current = paint;
    const element = canvas.current;
    if (element) soon.current?.ask(() => latest.current(element));
  }, [paint]);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const frames = new Soon(NEXT_FRAME);
    soon.current = frames;
    const observer = new ResizeObserver(() => latest.current(element)); // tells of the first size too
    observer.observe(element);
    return () => {
      observer.disconnect();
      frames.drop();
      soon.current = null;
    };
  }, []);
  return canvas;
}
