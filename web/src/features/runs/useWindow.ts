"use client";
import { useCallback, useEffect, useRef, useState } from "react";

/** Height of a row with its line, as in the style sheet. */
export const ROW_HEIGHT = 45;
const SPARE = 8;

/** Which rows of a long list are in sight, with a few to spare: only these are drawn. */
export function useWindow(count: number) {
  const ref = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ from: 0, to: 40 });
  const look = useCallback(() => {
    const element = ref.current;
    if (!element) return;
    const first = Math.floor(element.scrollTop / ROW_HEIGHT / SPARE) * SPARE;
    const seen = Math.ceil(element.clientHeight / ROW_HEIGHT / SPARE) * SPARE;
    const next = { from: Math.max(0, first - SPARE), to: first + seen + 2 * SPARE };
    setView((old) => (old.from === next.from && old.to === next.to ? old : next));
  }, []);
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (ref.current) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [look]);
  const from = Math.max(0, Math.min(view.from, count - 2 * SPARE));
  return { ref, from, to: Math.min(count, view.to), onScroll: look };
}
