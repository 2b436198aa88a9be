import { expect, it } from "vitest";
import { fit, matrixOf, projectionPoint, toScreen, type PlaneCamera } from "@/lib/camera";
import { PARSERS, type PlaneTypes } from "@/lib/latent/parsers";
import { rasterOf } from "@/lib/latent/raster";
import { shadedOf } from "@/lib/latent/shaded";
import { OVERLAYS } from ".";
import type { Ground, GroundKind } from "./ground";
import { offers, type OverlaySpec } from "./overlay";

/** What every overlay over a grid keeps to; called by the test in its folder. */
export function keepsToTheContract(overlay: OverlaySpec, kind: string): void {
  it("is in the table, has an address, and comes with its artifact on 2-D maps only", () => {
    expect(OVERLAYS).toContain(overlay);
    expect(overlay.id).toMatch(/^[a-z]{1,24}$/);
    expect(overlay.fills).toBe(true);
    expect(overlay.first).toBe(false);
    for (const method of ["pca", "umap"]) {
      const offer = { dims: 2, method, artifacts: { [`${kind}_${method}`]: [3] }, capabilities: [], computable: [] } as const;
      expect(offers(overlay, offer)).toBe(true);
      expect(offers(overlay, { ...offer, dims: 3 })).toBe(false);
      expect(offers(overlay, { ...offer, artifacts: {} })).toBe(false);
      expect(offers(overlay, { ...offer, artifacts: {}, computable: [`${kind}_${method}`] })).toBe(true);
    }
  });
}

const VIEW = { width: 900, height: 640 };
const [WIDTH, HEIGHT, COLUMN, ROW] = [12, 8, 9, 2];
const BOUNDS = { min: [-3, 1], max: [3, 5] };

/**
 * A grid with one hot cell, drawn as the overlay draws it, is hottest on the pixels of that cell.
 *
 * @param file The artifact around the values, with an even value and a hot one.
 */
export function drawsWhereItIs<K extends GroundKind>(
  ground: Ground<K>,
  file: (values: readonly number[]) => unknown,
  [even, hot]: readonly [number, number],
): void {
  it.each(["dark", "light"] as const)("draws a hot cell on its place of the map, %s", (theme) => {
    const values = Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at === ROW * WIDTH + COLUMN ? hot : even));
    const parse = PARSERS[`${ground.kind}_pca`] as unknown as (value: unknown) => PlaneTypes[K];
    const grid = parse({ ...gridFile(values), ...(file(values) as object) });
    const picture = rasterOf(shadedOf(grid, ground.scaleOf(grid, theme)));
    let best = 0;
    for (let at = 0; at < picture.width * picture.height; at += 1) {
      if ((picture.pixels[at * 4 + 3] as number) > (picture.pixels[best * 4 + 3] as number)) best = at;
    }
    const camera = fit({ min: [-4, 0], max: [4, 6] }, 2, VIEW) as PlaneCamera;
    const on = (x: number, y: number) => toScreen(matrixOf(camera, VIEW), VIEW, projectionPoint(x, y)) as readonly [number, number];
    const [low, high] = [on(-3, 1), on(3, 5)];
    const drawn = [
      low[0] + (((best % picture.width) + 0.5) / picture.width) * (high[0] - low[0]),
      high[1] + ((Math.floor(best / picture.width) + 0.5) / picture.height) * (low[1] - high[1]),
    ] as const;
    const cell = on(-3 + ((COLUMN + 0.5) * 6) / WIDTH, 1 + ((ROW + 0.5) * 4) / HEIGHT);
    expect(Math.hypot(drawn[0] - cell[0], drawn[1] - cell[1])).toBeLessThan(2);
    expect(picture.pixels[best * 4 + 3]).toBeGreaterThan(100);
  });
}

function gridFile(values: readonly number[]) {
  return {
    method: "pca", dims: 2, grid: { width: WIDTH, height: HEIGHT }, bounds: BOUNDS, values,
    stats: { min: Math.min(...values), max: Math.max(...values) }, meta: { subset_n: 5 }, epoch: 3, step: 30, seed: 0,
  };
}
