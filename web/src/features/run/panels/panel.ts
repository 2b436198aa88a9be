import type { ComponentType } from "react";

/** A part of the run's screen that brings itself: the host knows only what it needs. */
export interface PanelSpec {
  readonly id: string;
  readonly place: "main" | "side";
  /** What the model must offer, and one kind of artifact that the run must have or still may get. */
  readonly needs: { readonly capabilities?: readonly string[]; readonly artifact?: string };
  readonly Component: ComponentType;
}

export interface Offer {
  readonly capabilities: readonly string[];
  readonly artifacts: Readonly<Record<string, unknown>>;
  readonly over: boolean;
}

/** Whether a run has, or may still get, what a panel shows. */
export function fits(spec: PanelSpec, offer: Offer): boolean {
  const { capabilities = [], artifact } = spec.needs;
  if (artifact && offer.artifacts[artifact] !== undefined) return true;
  const able = capabilities.every((name) => offer.capabilities.includes(name));
  return able && (!artifact || !offer.over);
}
