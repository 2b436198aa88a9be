"use client";
import { useEffect } from "react";

const TYPING = "input:not([type=range]), textarea, select, [contenteditable], dialog";

/** L takes the lasso up and puts it down; Escape puts it down before it does anything else. */
export function useLassoKey(on: boolean, toggle: () => void, off: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target?.closest(TYPING)) return;
      if (event.key.toLowerCase() === "l" && !event.shiftKey) toggle();
      else if (event.key === "Escape" && on) off();
      else return;
      event.preventDefault(); // the keys of the page come later, and leave this one alone
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, [on, toggle, off]);
}
