"use client";
import { useEffect } from "react";
import { useSession } from "./RunSession";

const TYPING = "input, textarea, select, [contenteditable], dialog";
const PRESSING = `${TYPING}, button, a, summary, [role="button"]`;

/** Space plays, ← and → step, F follows the newest epoch; but not where a key has its own meaning. */
export function useScrubKeys(): void {
  const { epoch } = useSession();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " && !target?.closest(PRESSING)) epoch.toggle();
      else if (event.key === "ArrowLeft" && !target?.closest(TYPING)) epoch.step(event.shiftKey ? -10 : -1);
      else if (event.key === "ArrowRight" && !target?.closest(TYPING)) epoch.step(event.shiftKey ? 10 : 1);
      else if (event.key.toLowerCase() === "f" && !event.shiftKey && !target?.closest(TYPING)) epoch.follow();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [epoch]);
}
