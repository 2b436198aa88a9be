import type { ComponentType, RefObject } from "react";
import type { MapLayer } from "@/charts/map/scene";
import type { Stage } from "@/charts/map/stage";
import type { Latent } from "../latent";

/** What an overlay says of a place of the map: a name and a value. */
export type Reading = readonly [what: string, value: string];

/** Something drawn over or under the map that brings itself: the host knows only what it needs. */
export interface OverlaySpec {
  /** Short, lower case: it stands in the address. */
  readonly id: string;
  readonly label: string;
  /** Another name for runs without a capability, where the usual one would not be true. */
  readonly without?: { readonly capability: string; readonly label: string };
  /** Which maps it fits, and the artifact it draws, by the method of the map. */
  readonly needs: { readonly dims?: 2 | 3; readonly artifact?: (method: string) => string; readonly capability?: string };
  /** Whether it is shown until somebody turns it off. */
  readonly first: boolean;
  /** Whether it fills the ground of the map; of those, one is shown at a time. */
  readonly fills?: boolean;
  /** Its layer for what is shown now; null while it has nothing to draw. Called on every render. */
  readonly useLayer: (latent: Latent, on: boolean) => MapLayer | null;
  /** What it says of any place; called on every render. */
  readonly useReading?: (latent: Latent, on: boolean) => ((x: number, y: number) => Reading | null) | null;
  /** What its colors mean; stands in a corner of the map while it is on. */
  readonly Legend?: ComponentType;
  /** What lies over the map and can be pointed at. */
  readonly Marks?: ComponentType<{ readonly stage: RefObject<Stage | null> }>;
}

export interface Offer {
  readonly dims: 2 | 3;
  readonly method: string;
  readonly artifacts: Readonly<Record<string, readonly number[]>>;
  readonly capabilities: readonly string[];
  /** Kinds of artifacts that can be made on request. */
  readonly computable: readonly string[];
}

/** What an overlay is called for a run with these capabilities. */
export function labelOf({ label, without }: Pick<OverlaySpec, "label" | "without">, capabilities: readonly string[]): string {
  return without && !capabilities.includes(without.capability) ? without.label : label;
}

/** Whether a run has what an overlay draws at any epoch, or can make it. */
export function offers({ needs }: Pick<OverlaySpec, "needs">, { dims, method, artifacts, capabilities, computable }: Offer): boolean {
  if (needs.dims !== undefined && needs.dims !== dims) return false;
  if (needs.capability !== undefined && !capabilities.includes(needs.capability)) return false;
  if (needs.artifact === undefined) return true;
  const kind = needs.artifact(method);
  return (artifacts[kind]?.length ?? 0) > 0 || computable.includes(kind);
}

/** The overlays that differ from how they are at first, after one is turned on or off. */
export function turned(
  all: readonly Pick<OverlaySpec, "id" | "first" | "fills">[],
  shown: Readonly<Record<string, boolean>>,
  id: string,
  on: boolean,
): Readonly<Record<string, boolean>> {
  const fills = on && all.find((overlay) => overlay.id === id)?.fills;
  return Object.fromEntries(
    all.flatMap((overlay) => {
      const now = overlay.id === id ? on : fills && overlay.fills ? false : (shown[overlay.id] ?? overlay.first);
      return now === overlay.first ? [] : [[overlay.id, now] as const];
    }),
  );
}

/** Which overlays are drawn: of several that fill the ground, as an address may ask for, the first. */
export function isOn(all: readonly Pick<OverlaySpec, "id" | "first" | "fills">[], shown: Readonly<Record<string, boolean>>): ReadonlySet<string> {
  const on = all.filter(({ id, first }) => shown[id] ?? first);
  const ground = on.find(({ fills }) => fills);
  return new Set(on.filter((overlay) => !overlay.fills || overlay === ground).map(({ id }) => id));
}
