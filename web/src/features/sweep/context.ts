"use client";
import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import type { Store } from "@/lib/store";
import { usualMetric } from "@/lib/sweep/table";
import type { Sweep } from "@/lib/sweep/sweep";
import type { SweepLook } from "@/lib/sweep/view";
import type { Shown } from "./film";
import type { Pointed, SweepSession } from "./session";

export interface SweepPage {
  readonly session: SweepSession;
  readonly look: SweepLook;
  readonly change: (change: Partial<SweepLook>) => void;
}

export const SweepContext = createContext<SweepPage | null>(null);

/** The open sweep, how it is looked at, and the means to look at it otherwise. */
export function useSweepPage(): SweepPage {
  const page = useContext(SweepContext);
  if (!page) throw new Error("useSweepPage is for screens below /sweeps/<id>.");
  return page;
}

/** A value that can be watched; renders again when it changes. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** The sweep; only for what is shown once it is known. */
export function useSweep(): Sweep {
  const sweep = useStore(useSweepPage().session.sweep);
  if (!sweep) throw new Error("useSweep is for what is shown once the sweep is known.");
  return sweep;
}

/** A word or a number about what the wall shows; renders again when that changes, not with every step. */
export function useShown<T extends string | number | boolean>(select: (shown: Shown | null) => T): T {
  const { shown } = useSweepPage().session.film;
  return useSyncExternalStore(shown.subscribe, () => select(shown.get()));
}

/** What the pointer is over; renders again when that changes. */
export function usePointed(): Pointed | null {
  return useStore(useSweepPage().session.pointed);
}

/** The number under the tiles: the one that was chosen, if the sweep has it. */
export function useMetric(): string | null {
  const sweep = useSweep();
  const { metric } = useSweepPage().look;
  return useMemo(() => (metric !== null && sweep.columns.includes(metric) ? metric : usualMetric(sweep)), [metric, sweep]);
}
