import { describe, expect, it } from "vitest";
import { parseDensity } from "@/lib/latent/grid";
import { drawsWhereItIs, keepsToTheContract } from "../contract";
import { empirical, prior, priorAsUsed, uniform } from ".";

const about = () => ({ estimator: "projected_gaussians" });

describe("prior density", () => {
  keepsToTheContract(prior, "prior_2d");
  drawsWhereItIs(uniform, about, [0, 0.8]);
});

describe("prior density, as used", () => {
  keepsToTheContract(priorAsUsed, "prior_empirical_2d");
  drawsWhereItIs(empirical, about, [0, 0.8]);
  it("says how many components count", () => {
    const weights = { components: 10, neff: 7.31, min: 0, max: 1, entropy: 2 };
    const file = { ...about(), method: "pca", grid: { width: 1, height: 1 }, bounds: { min: [0, 0], max: [1, 1] }, values: [1], stats: { min: 1, max: 1 }, meta: { weights } };
    expect(empirical.meaningOf(parseDensity(file)).words).toMatch(/7.31 of 10 in effect/);
    expect(uniform.meaningOf(parseDensity(file)).words).toMatch(/All 10 components/);
    expect(uniform.meaningOf(parseDensity({ ...file, meta: {} })).words).toMatch(/before it has seen/);
  });
});
