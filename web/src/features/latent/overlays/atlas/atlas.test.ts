import { describe, expect, it } from "vitest";
import { parseAtlas } from "@/lib/latent/atlas";
import { parseTrust } from "@/lib/latent/grid";
import { keepsToTheContract } from "../contract";
import { opacities } from "./fade";
import { inked } from "./ink";
import { atlas, meaningOf } from ".";

const sheet = parseAtlas({
  method: "pca", columns: 4, rows: 2, tile: { width: 8, height: 8 }, gap: 0, bounds: { min: [0, 0], max: [4, 2] },
  order: "rows from the largest y down", distance: Array<number>(8).fill(0), out_of_plane: { variance_share: 0.47 },
});

describe("decode atlas", () => {
  keepsToTheContract(atlas, "atlas");

  it("fades each tile by the trust at its own place", () => {
    const values = [1, 0, 0, 0, 0, 0, 0, 0]; // trusted: the lowest x and the lowest y
    const trust = parseTrust({ method: "pca", grid: { width: 4, height: 2 }, bounds: { min: [0, 0], max: [4, 2] }, values, stats: { min: 0, max: 1 }, meta: {}, parts: { density: values, cycle: values, distortion: values } });
    const shown = opacities(sheet, trust);
    expect(shown.indexOf(1)).toBe(4); // the first tile of the second row, which is the lower one
    expect([...shown].filter((opacity) => opacity < 0.3)).toHaveLength(7);
    expect([...opacities(sheet, null)]).toEqual(Array(8).fill(1));
  });
  it("draws bright strokes as ink, and leaves colored and light pictures alone", () => {
    const sheetOf = (...pixels: number[][]) => Uint8ClampedArray.from(pixels.flat());
    expect([...inked(sheetOf([0, 0, 0, 255], [200, 202, 199, 255]), [9, 8, 7])!]).toEqual([9, 8, 7, 0, 9, 8, 7, 202]);
    expect(inked(sheetOf([0, 0, 0, 255], [90, 20, 20, 255]), [9, 8, 7])).toBeNull();
    expect(inked(sheetOf([255, 255, 255, 255], [40, 40, 40, 255]), [9, 8, 7])).toBeNull();
    expect(meaningOf(sheet, true).words).toMatch(/drawn as ink/);
  });
  it("says what is not on the map", () => {
    expect(meaningOf(sheet).words).toMatch(/47% of the latents’ variance/);
    expect(meaningOf({ ...sheet, leftOut: 0 }).words).not.toMatch(/variance/);
  });
});
