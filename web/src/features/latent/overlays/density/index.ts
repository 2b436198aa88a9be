import type { Density } from "@/lib/latent/grid";
import { densityGround } from "../densityGround";
import { groundOverlay } from "../ground";

/** Where the encoded data are, each point as wide as its posterior. */
export const densityOf = densityGround("posterior_2d", wordsOf);
export const density = groundOverlay({ id: "density", label: "Posterior density", without: { capability: "posterior", label: "Density of the codes" }, ground: densityOf });

function wordsOf({ estimator }: Density): string {
  if (estimator === "projected_gaussians") return "Each q(z|x) with its variances.";
  if (estimator === "placed_samples") return "Samples of each q(z|x), placed on this map.";
  return "The codes themselves, smoothed: this model has no posterior variance.";
}
