import { describe, expect, it } from "vitest";
import { parseReconstructions, tileBackground } from "./reconstructions";

describe("tileBackground", () => {
  it("finds a tile of the grid, bands included", () => {
    const grid = parseReconstructions({ dataset_idx: [1, 2, 3, 4], squared_error: [1, 2, 3, 4], layout: { rows: ["input", "output"], columns: 2, bands: 2, gap: 2, tile: { width: 8, height: 8 } } });
    expect(tileBackground(grid, 0, 0)).toEqual({ size: "225% 475%", position: "0% 0%" });
    expect(tileBackground(grid, 3, 1).position).toBe("100% 100%");
  });
});
