"use client";
import { useEffect, useState, type RefCallback } from "react";

/** Whether an element has come into sight; once it has, it stays so. What costs something waits for it. */
export function useSeen(): readonly [ref: RefCallback<Element>, seen: boolean] {
  const [target, setTarget] = useState<Element | null>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!target || seen) return;
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: "80px" });
    watch.observe(target);
    return () => watch.disconnect();
  }, [target, seen]);
  return [setTarget, seen];
}
