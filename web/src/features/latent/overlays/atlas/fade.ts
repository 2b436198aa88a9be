import { centerOf, type Atlas } from "@/lib/latent/atlas";
import { valueAt, type Trust } from "@/lib/latent/grid";

const FAINTEST = 0.22;

/** How plainly to draw each tile: where little is to be trusted, it stands back, but stays to be seen. */
export function opacities(atlas: Atlas, trust: Trust | null): Float32Array {
  const count = atlas.layout.columns * atlas.layout.rows;
  if (!trust) return new Float32Array(count).fill(1);
  return Float32Array.from({ length: count }, (_, tile) => FAINTEST + (1 - FAINTEST) * (valueAt(trust, ...centerOf(atlas, tile)) ?? 0));
}
