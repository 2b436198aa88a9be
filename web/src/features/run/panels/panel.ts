import type { ComponentType } from "react";

/** A part of the run's screen that brings itself: the host knows only what it needs. */
export interface PanelSpec {
  readonly id: string;
  readonly place: "main" | "side";
  /** What the model must offer, one kind of artifact that the run must have or still may get, and one to make on request. */
  readonly needs: { readonly capabilities?: readonly string[]; readonly artifact?: string; readonly computable?: string };
  readonly Component: ComponentType;
}

export interface Offer {
  readonly capabilities: readonly string[];
  readonly artifacts: Readonly<Record<string, unknown>>;
  readonly over: boolean;
  /** Kinds of artifacts that can be made on request. */
  readonly computable: readonly string[];
}

/** Whether a run has, or may still get, what a panel shows. */
export function fits(spec: PanelSpec, offer: Offer): boolean {
  const { capabilities = [], artifact, computable } = spec.needs;
  if (computable !== undefined && !offer.computable.includes(computable)) return false;
  if (artifact && offer.artifacts[artifact] !== undefined) return true;
  const able = capabilities.every((name) => offer.capabilities.includes(name));
  return able && (!artifact || !offer.over);
}
