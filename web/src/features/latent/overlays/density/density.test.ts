import { describe, expect, it } from "vitest";
import { parseDensity } from "@/lib/latent/grid";
import { drawsWhereItIs, keepsToTheContract } from "../contract";
import { labelOf } from "../overlay";
import { density, densityOf } from ".";

describe("posterior density", () => {
  keepsToTheContract(density, "posterior_2d");
  drawsWhereItIs(densityOf, () => ({ estimator: "projected_gaussians" }), [0, 0.8]);

  it("is not called posterior where there is none", () => {
    expect([labelOf(density, ["posterior"]), labelOf(density, [])]).toEqual(["Posterior density", "Density of the codes"]);
  });

  const file = (estimator: string, inside: number) => ({
    method: "pca", grid: { width: 2, height: 1 }, bounds: { min: [0, 0], max: [1, 1] }, values: [0, 1], stats: { min: 0, max: 1 }, estimator, meta: { mass_inside: inside },
  });
  it("says what it was made from, and what lies outside", () => {
    expect(densityOf.meaningOf(parseDensity(file("codes", 1))).words).toMatch(/no posterior variance/);
    expect(densityOf.meaningOf(parseDensity(file("placed_samples", 0.97))).words).toMatch(/3% of the mass lies outside/);
    expect(densityOf.meaningOf(parseDensity(file("projected_gaussians", 0.9995))).words).not.toMatch(/outside/);
  });
});
