import type { ComponentType } from "react";
import { getAt } from "@/lib/config";

/** What a panel asks of a run. */
export interface PanelNeeds {
  /** What the model must offer. */
  readonly capabilities?: readonly string[];
  /** A kind of artifact that the run must have, or still may get. */
  readonly artifact?: string;
  /** The artifact is made when the run ends: before it is there, nothing is to be waited for. */
  readonly atEnd?: boolean;
  /** A kind that can be made on request. */
  readonly computable?: string;
  /** Dotted path of a list in the configuration that must not be empty. */
  readonly setting?: string;
}

/** A part of the run's screen that brings itself: the host knows only what it needs. */
export interface PanelSpec {
  readonly id: string;
  readonly place: "main" | "side";
  readonly needs: PanelNeeds;
  readonly Component: ComponentType;
}

export interface Offer {
  readonly capabilities: readonly string[];
  readonly artifacts: Readonly<Record<string, unknown>>;
  readonly over: boolean;
  /** Kinds of artifacts that can be made on request. */
  readonly computable: readonly string[];
  readonly config: unknown;
}

/** Whether a run has, or may still get, what a panel shows. */
export function fits(spec: PanelSpec, offer: Offer): boolean {
  const { capabilities = [], artifact, atEnd = false, computable, setting } = spec.needs;
  if (computable !== undefined && !offer.computable.includes(computable)) return false;
  if (setting !== undefined && !isFilled(getAt(offer.config, setting))) return false;
  if (artifact && offer.artifacts[artifact] !== undefined) return true;
  const able = capabilities.every((name) => offer.capabilities.includes(name));
  return able && (!artifact || (!offer.over && !atEnd));
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
