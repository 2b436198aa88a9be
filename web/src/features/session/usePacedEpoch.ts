"use client";
import { startTransition, useEffect, useState } from "react";
import { useSession } from "./RunSession";

/**
 * The epoch of the scrubber, at most every `ms`: up to date soon after the scrubber has come to rest.
 * What follows it is drawn in slices, between the pictures of the map.
 */
export function usePacedEpoch(ms: number): number {
  const { epoch: store } = useSession();
  const [epoch, setEpoch] = useState(() => store.get().epoch);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let since = 0;
    const take = () => {
      timer = null;
      since = performance.now();
      startTransition(() => setEpoch(store.get().epoch));
    };
    const follow = () => {
      timer ??= setTimeout(take, Math.max(0, since + ms - performance.now()));
    };
    follow();
    const leave = store.subscribe(follow);
    return () => {
      leave();
      if (timer !== null) clearTimeout(timer);
    };
  }, [store, ms]);
  return epoch;
}
