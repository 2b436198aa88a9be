import type { ComponentType } from "react";

export type About = "point" | "selection" | "map";

/** A part of the explorer's right side that brings itself: the host knows only what it needs. */
export interface PanelSpec {
  readonly id: string;
  /** Whether it is about the point in focus, the points that are selected, or the whole map without either. */
  readonly about: About;
  /** A kind of artifact that the run must have, what its model must offer, and a kind to make on request. */
  readonly needs: { readonly artifact?: string; readonly capability?: string; readonly computable?: string };
  readonly Component: ComponentType<PanelProps>;
}

export interface PanelProps {
  /** dataset_idx of the point in focus, and its place in the map; -1 for other panels. */
  readonly id: number;
  readonly at: number;
}

export interface Offer {
  readonly artifacts: Readonly<Record<string, unknown>>;
  readonly capabilities: readonly string[];
  /** Kinds of artifacts that can be made on request. */
  readonly computable: readonly string[];
}

export function fits({ needs }: Pick<PanelSpec, "needs">, { artifacts, capabilities, computable }: Offer): boolean {
  if (needs.computable !== undefined && !computable.includes(needs.computable)) return false;
  if (needs.capability !== undefined && !capabilities.includes(needs.capability)) return false;
  return needs.artifact === undefined || artifacts[needs.artifact] !== undefined;
}
