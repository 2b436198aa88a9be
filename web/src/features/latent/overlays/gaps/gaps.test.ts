import { describe, expect, it } from "vitest";
import type { Gap } from "@/lib/latent/grid";
import { drawsWhereItIs, keepsToTheContract } from "../contract";
import { gaps } from ".";
import { countOf, gapsGround, wordsOf } from "./ground";

const gap = (kind: Gap["kind"], logRatio: number): Gap => ({ kind, x: 0, y: 0, logRatio, mass: 0.031 });

describe("holes and spills", () => {
  keepsToTheContract(gaps, "prior_minus_posterior_2d");
  const file = () => ({ floor: 0.1, holes: [], spills: [] });
  drawsWhereItIs(gapsGround, file, [0, 2.5]);
  drawsWhereItIs(gapsGround, file, [0, -2.5]);

  it("has the same strength in both directions, and is clear where both agree", () => {
    const grid = { stats: { min: -4, max: 1 } } as Parameters<typeof gapsGround.scaleOf>[0];
    const scale = gapsGround.scaleOf(grid, "dark");
    expect(scale.ends).toEqual([-4, 4]);
    expect([scale.shareOf(-4), scale.shareOf(0), scale.shareOf(4)]).toEqual([0, 0.5, 1]);
    expect(scale.shades[3]).toBe(scale.shades.at(-1));
  });
  it("tells of each in a sentence", () => {
    expect(wordsOf(gap("hole", Math.log(12)))).toBe("The prior expects up to 12 times what the data have here; 3% of the prior.");
    expect(wordsOf(gap("spill", -Math.log(4)))).toMatch(/The data have up to 4 times .* 3% of the data/);
    expect(countOf({ gaps: [gap("hole", 2), gap("spill", -2), gap("hole", 2)] })).toMatch(/^2 holes and 1 spill /);
    expect(countOf({ gaps: [] })).toMatch(/^No place/);
  });
});
