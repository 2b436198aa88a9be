import { compact, percent } from "@/lib/format";
import { contourOf, levelsOf } from "@/lib/latent/contours";
import { parseDensity, type Density } from "@/lib/latent/grid";
import { amountScale } from "@/lib/latent/scales";
import type { Ground } from "./ground";

/** Lines around the densest places that hold these shares of the mass. */
const HELD = [0.5, 0.8, 0.95];
const MOST_OUTSIDE = 0.001;

/** A density over the map, of whatever source; `words` says which. */
export function densityGround(kind: string, words: (density: Density) => string): Ground<Density> {
  return {
    kind,
    parse: parseDensity,
    scaleOf: ({ stats }, theme) => amountScale(theme, stats.max, 0.5),
    linesOf: (density) => levelsOf(density, HELD).map((level) => contourOf(density, level)),
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
