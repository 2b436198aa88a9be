"use client";
import { useEffect } from "react";
import { useSweepPage } from "../context";

const TYPING = "input, textarea, select, [contenteditable], dialog";
const PRESSING = `${TYPING}, button, summary, [role="button"]`;

/** Space plays, ← and → step, F follows the newest picture; but not where a key has its own meaning. */
export function useStepKeys(): void {
  const { steps } = useSweepPage().session;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " && !target?.closest(PRESSING)) steps.toggle();
      else if (event.key === "ArrowLeft" && !target?.closest(TYPING)) steps.by(event.shiftKey ? -10 : -1);
      else if (event.key === "ArrowRight" && !target?.closest(TYPING)) steps.by(event.shiftKey ? 10 : 1);
      else if (event.key.toLowerCase() === "f" && !event.shiftKey && !target?.closest(TYPING)) steps.follow();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [steps]);
}
