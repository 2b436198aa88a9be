import { compact, percent } from "@/lib/format";
import type { Density } from "@/lib/latent/grid";
import { amountScale } from "@/lib/latent/scales";
import type { Ground } from "./ground";

type DensityKind = "posterior_2d" | "prior_2d" | "prior_empirical_2d";
const MOST_OUTSIDE = 0.001;

/** A density over the map, of whatever source; `words` says which. */
export function densityGround<K extends DensityKind>(kind: K, words: (density: Density) => string): Ground<K> {
  return {
    kind,
    scaleOf: ({ stats }, theme) => amountScale(theme, stats.max, 0.5),
    levelsOf: ({ levels }) => levels,
    meaningOf: (density) => ({
      low: "0",
      unit: "probability per unit²",
      high: compact(density.stats.max, 3),
      words: [words(density), "Lines hold 50, 80 and 95%.", beyond(density)].filter(Boolean).join(" "),
    }),
    read: (value) => compact(value, 3),
  };
}

function beyond({ inside }: Density): string {
  return inside !== null && 1 - inside > MOST_OUTSIDE ? `${percent(1 - inside)} of the mass lies outside the grid.` : "";
}
