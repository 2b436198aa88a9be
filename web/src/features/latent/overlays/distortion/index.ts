import { compact } from "@/lib/format";
import type { Grid } from "@/lib/latent/grid";
import { twoWayScale } from "@/lib/latent/scales";
import { groundOverlay, type Ground } from "../ground";

/** A map that stretches all the same is faint everywhere. */
const LEAST_REACH = Math.log(1.25);

const middleOf = ({ stats }: Grid) => stats.median ?? (stats.min + stats.max) / 2;
const unfold = (middle: number) => (value: number) => (value > 0 && middle > 0 ? Math.log(value / middle) : -Infinity);

function reachOf(grid: Grid): number {
  const from = unfold(middleOf(grid));
  const far = [grid.stats.min, grid.stats.max].map((value) => Math.abs(from(value))).filter(Number.isFinite);
  return Math.max(LEAST_REACH, ...far);
}

/** Distances on the map over those in the latent space, against the usual one. */
export const distortionGround: Ground<"metric_ratio_2d"> = {
  kind: "metric_ratio_2d",
  scaleOf: (grid, theme) => twoWayScale(theme, "stretch", ends(grid), reachOf(grid), unfold(middleOf(grid))),
  meaningOf: (grid) => ({
    low: compact(ends(grid)[0], 2),
    unit: "drawn / latent distance",
    high: compact(ends(grid)[1], 2),
    words: `Against the median, ${compact(middleOf(grid), 3)}: yellow is drawn too far apart, violet too close.`,
  }),
  read: (value, grid) => `${compact(value, 3)}, ${compact(value / middleOf(grid), 2)} × the median`,
};

function ends(grid: Grid): readonly [number, number] {
  const factor = Math.exp(reachOf(grid));
  return [middleOf(grid) / factor, middleOf(grid) * factor];
}

export const distortion = groundOverlay({ id: "distortion", label: "Metric distortion", ground: distortionGround });
