import type { ComponentType } from "react";

/** A part of the explorer's right side that brings itself: the host knows only what it needs. */
export interface PanelSpec {
  readonly id: string;
  /** Whether it is about the point in focus, or about the whole map while there is none. */
  readonly about: "point" | "map";
  /** A kind of artifact that the run must have, and what its model must offer. */
  readonly needs: { readonly artifact?: string; readonly capability?: string };
  readonly Component: ComponentType<PanelProps>;
}

export interface PanelProps {
  /** dataset_idx of the point in focus, and its place in the map; -1 for a panel about the map. */
  readonly id: number;
  readonly at: number;
}

export interface Offer {
  readonly artifacts: Readonly<Record<string, unknown>>;
  readonly capabilities: readonly string[];
}

export function fits({ needs }: Pick<PanelSpec, "needs">, { artifacts, capabilities }: Offer): boolean {
  if (needs.capability !== undefined && !capabilities.includes(needs.capability)) return false;
  return needs.artifact === undefined || artifacts[needs.artifact] !== undefined;
}
