import { describe, expect, it } from "vitest";
import { parseGrid } from "@/lib/latent/grid";
import { drawsWhereItIs, keepsToTheContract } from "../contract";
import { distortion, distortionGround } from ".";

const file = (min: number, median: number, max: number) => ({
  method: "pca", grid: { width: 1, height: 1 }, bounds: { min: [0, 0], max: [1, 1] }, values: [median], stats: { min, max, median }, meta: {},
});

describe("metric distortion", () => {
  keepsToTheContract(distortion, "metric_ratio_2d");
  drawsWhereItIs(distortionGround, () => ({ stats: { min: 0.5, median: 0.5, max: 2 } }), [0.5, 2]);
  drawsWhereItIs(distortionGround, () => ({ stats: { min: 0.1, median: 0.5, max: 0.5 } }), [0.5, 0.1]);

  it("counts twice and half the median the same, in opposite directions", () => {
    const scale = distortionGround.scaleOf(parseGrid(file(0.25, 1, 2)), "dark");
    expect(scale.ends[0]).toBeCloseTo(0.25);
    expect(scale.ends[1]).toBeCloseTo(4);
    expect(scale.shareOf(2) - 0.5).toBeCloseTo(0.5 - scale.shareOf(0.5));
    expect(scale.shareOf(1)).toBe(0.5);
  });
  it("stays calm where all is stretched the same, and where a value is 0", () => {
    const even = distortionGround.scaleOf(parseGrid(file(1, 1, 1.01)), "light");
    expect(Math.abs(even.shareOf(1.01) - 0.5)).toBeLessThan(0.05);
    expect(distortionGround.scaleOf(parseGrid(file(0, 1, 2)), "light").shareOf(0)).toBe(0);
  });
});
