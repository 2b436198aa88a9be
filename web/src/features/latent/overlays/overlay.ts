import type { MapLayer } from "@/charts/map/scene";
import type { Latent } from "../latent";

/** Something drawn over or under the map that brings itself: the host knows only what it needs. */
export interface OverlaySpec {
  /** Short, lower case: it stands in the address. */
  readonly id: string;
  readonly label: string;
  /** Which maps it fits, and the artifact it draws, by the method of the map. */
  readonly needs: { readonly dims?: 2 | 3; readonly artifact?: (method: string) => string; readonly capability?: string };
  /** Whether it is shown until somebody turns it off. */
  readonly first: boolean;
  /** Its layer for what is shown now; null while it has nothing to draw. Called on every render. */
  readonly useLayer: (latent: Latent, on: boolean) => MapLayer | null;
}

export interface Offer {
  readonly dims: 2 | 3;
  readonly method: string;
  readonly artifacts: Readonly<Record<string, unknown>>;
  readonly capabilities: readonly string[];
}

/** Whether a run has what an overlay draws. */
export function offers({ needs }: Pick<OverlaySpec, "needs">, { dims, method, artifacts, capabilities }: Offer): boolean {
  if (needs.dims !== undefined && needs.dims !== dims) return false;
  if (needs.capability !== undefined && !capabilities.includes(needs.capability)) return false;
  return needs.artifact === undefined || artifacts[needs.artifact(method)] !== undefined;
}
