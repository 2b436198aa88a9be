import { describe, expect, it } from "vitest";
import { atlasBackground, centerOf, parseAtlas, tileAt } from "./atlas";
import { contourOf, levelsOf } from "./contours";
import { cellAt, parseDensity, parseGaps, parseGrid, parseTrust, valueAt, type Grid } from "./grid";
import { withArtifacts } from "./made";
import { parseDecodedPoint, pinAt, pinText, placeOf, readPin } from "./pin";
import { rasterOf } from "./raster";
import { amountScale, scaleGradient, twoWayScale } from "./scales";
import { shadedOf } from "./shaded";
import { levelOf, verdictAt } from "./trustWords";
import { EMPTY_RUN } from "../runState";

const RECEIPT = { schema_version: 1, kind: "posterior_2d_pca", epoch: 3, step: 9, seed: 0, compute_ms: 1, checkpoint_hash: null };
/** Five cells across, four up, over [-1, 4] × [2, 4]: all empty but one, in column 3 of row 2 (from below). */
const HOT = 2 * 5 + 3;
const file = (values: (number | null)[] = Array.from({ length: 20 }, (_, at) => (at === HOT ? 2 : 0))) => ({
  ...RECEIPT, method: "pca", dims: 2, grid: { width: 5, height: 4 }, bounds: { min: [-1, 2], max: [4, 4] }, values,
  stats: { min: 0, max: 2 }, meta: { subset_n: 7, mass_inside: 0.9995, weights: null }, estimator: "projected_gaussians",
});
const grid = parseGrid(file());
const center = [2.5, 3.25] as const;

describe("a grid", () => {
  it("is read with its edges, and says what is wrong with another form", () => {
    expect(grid).toMatchObject({ width: 5, height: 4, bounds: { min: [-1, 2], max: [4, 4] }, stats: { max: 2, median: null }, points: 7 });
    expect(parseDensity(file())).toMatchObject({ inside: 0.9995, components: null, estimator: "projected_gaussians", levels: [2, 2, 2] });
    expect(() => parseGrid({ ...file(), values: [1] })).toThrow(/values has 1 rows, not 20/);
    expect(() => parseGrid({ ...file(), bounds: { min: [0, 0], max: [0, 1] } })).toThrow(/span no plane/);
    expect(parseGrid(file(Array<null>(20).fill(null))).values.every(Number.isNaN)).toBe(true);
  });

  it("has its first row at the smallest y", () => {
    expect(cellAt(grid, ...center)).toBe(HOT);
    expect(valueAt(grid, ...center)).toBe(2);
    expect([cellAt(grid, -1, 2), cellAt(grid, 4, 4), cellAt(grid, 4.01, 3), cellAt(grid, 0, 1.99)]).toEqual([0, 19, -1, -1]);
    expect(valueAt(grid, 9, 9)).toBeNull();
  });

  it("becomes a picture whose strongest pixel is on the hot cell", () => {
    const { width, height, pixels } = rasterOf(shadedOf(grid, amountScale("dark", 2)), 5);
    expect([width, height]).toEqual([25, 20]);
    let best = 0;
    for (let at = 0; at < width * height; at += 1) if (pixels[at * 4 + 3]! > pixels[best * 4 + 3]!) best = at;
    const [u, v] = [((best % width) + 0.5) / width, 1 - (Math.floor(best / width) + 0.5) / height];
    expect(-1 + u * 5).toBeCloseTo(center[0]);
    expect(2 + v * 2).toBeCloseTo(center[1]);
    expect(pixels[3]).toBe(0);
  });

  it("thins out toward cells without a value, and mixes none into the color", () => {
    const scale = amountScale("dark", 2);
    const { width, height, pixels } = rasterOf(shadedOf(parseGrid(file(Array.from({ length: 20 }, (_, at) => (at === HOT ? 2 : null)))), scale), 5);
    const top = scale.shades.slice(-4);
    const colored = Array.from({ length: width * height }, (_, at) => pixels.slice(at * 4, at * 4 + 4)).filter((pixel) => pixel[3]! > 0);
    expect(colored.length).toBeGreaterThan(20);
    for (const pixel of colored) expect([...pixel.slice(0, 3)]).toEqual([...top.slice(0, 3)]);
    expect(new Set(colored.map((pixel) => pixel[3])).size).toBeGreaterThan(3);
  });
});

describe("lines of equal value", () => {
  const bump = (width: number): Grid => ({
    ...grid, width, height: width, bounds: { min: [-2, -2], max: [2, 2] },
    values: Float32Array.from({ length: width * width }, (_, at) => {
      const [x, y] = [((at % width) + 0.5) * (4 / width) - 2, (Math.floor(at / width) + 0.5) * (4 / width) - 2];
      return Math.exp(-(x * x + y * y) / (2 * 0.25));
    }),
  });
  it("go around a bump at the right distance", () => {
    const line = contourOf(bump(64), bump(64).values, Math.exp(-2)); // two standard deviations of 0.5
    expect(line.length).toBeGreaterThan(40);
    for (let at = 0; at < line.length; at += 2) expect(Math.hypot(line[at]!, line[at + 1]!)).toBeCloseTo(1, 2);
    expect(contourOf(bump(64), bump(64).values, 9)).toHaveLength(0);
  });
  it("hold the share that was asked for", () => {
    const [half, most] = levelsOf(bump(128), [0.9, 0.5]);
    expect(half).toBeCloseTo(0.5, 1); // a Gaussian in the plane has half its mass above half its height
    expect(most).toBeCloseTo(0.1, 1);
  });
});

it("reads holes and spills, and damaged ones not", () => {
  const one = { x: 1, y: 3, log_ratio: 2, prior: 0.1, posterior: 0.01, mass: 0.04 };
  const { gaps } = parseGaps({ ...file(), floor: 0.1, holes: [one], spills: [{ ...one, log_ratio: -3 }] });
  expect(gaps).toMatchObject([{ kind: "hole", x: 1, logRatio: 2 }, { kind: "spill", logRatio: -3, mass: 0.04 }]);
  expect(() => parseGaps({ ...file(), holes: [{ x: 1 }], spills: [] })).toThrow(/holes.y/);
});

describe("trust", () => {
  const flat = (value: number) => Array<number>(20).fill(value);
  const trust = parseTrust({ ...file(flat(0.5)), parts: { density: flat(0.9), cycle: flat(0.4), distortion: flat(0.8) } });
  it("is told in words, with what takes it away", () => {
    expect(verdictAt(trust, ...center)).toEqual({ level: "fair", words: "Trust it with care", because: "the encoder puts it elsewhere" });
    expect(verdictAt(trust, 99, 99)).toMatchObject({ level: "low", because: "few points are here" });
    expect(verdictAt(null, 0, 0).level).toBe("unknown");
    expect([levelOf(1), levelOf(0.5), levelOf(0), levelOf(null)]).toEqual(["high", "fair", "low", "unknown"]);
  });
});

describe("an atlas", () => {
  const atlas = parseAtlas({
    ...RECEIPT, method: "pca", columns: 4, rows: 3, tile: { width: 8, height: 8 }, gap: 0, bounds: { min: [0, 0], max: [4, 3] },
    order: "rows from the largest y down", distance: Array<number>(12).fill(1), out_of_plane: { variance_share: 0.4, median_distance: 1 },
  });
  it("has the tile of the largest y first", () => {
    expect([tileAt(atlas, 0.5, 2.5), tileAt(atlas, 3.5, 2.5), tileAt(atlas, 0.5, 0.5), tileAt(atlas, -0.1, 1)]).toEqual([0, 3, 8, -1]);
    for (const tile of [0, 5, 11]) expect(tileAt(atlas, ...centerOf(atlas, tile))).toBe(tile);
    expect(atlasBackground(atlas, 11)).toEqual({ size: "400% 300%", position: "100% 100%" });
  });
});

describe("scales", () => {
  it("are clear where there is nothing, and stay at their ends", () => {
    const amount = amountScale("light", 4);
    expect([amount.shareOf(2), amount.shareOf(9), amount.shades[3]]).toEqual([0.5, 1, 0]);
    const ways = twoWayScale("dark", "gap", [-1, 1], 1, (value) => value);
    expect([ways.shareOf(-1), ways.shareOf(0), ways.shareOf(7)]).toEqual([0, 0.5, 1]);
    expect(ways.shades[127 * 4 + 3]).toBeLessThan(6);
    expect(scaleGradient(ways)).toMatch(/^linear-gradient/);
    expect(amountScale("dark", 0).shareOf(0)).toBe(0);
  });
});

describe("a pin", () => {
  it("stands in the address in thousandths", () => {
    const pin = pinAt(-1.2344, 0.5);
    expect(pin).toEqual({ u: -1234, v: 500 });
    expect(placeOf(pin)).toEqual([-1.234, 0.5]);
    expect(readPin(pinText(pin))).toEqual(pin);
    expect([readPin(null), readPin("1"), readPin("a.b"), readPin("1.2.3"), pinText(null)]).toEqual([null, null, null, null, null]);
    expect(pinAt(-0.0001, 0)).toEqual({ u: 0, v: 0 });
  });
  it("is read with its numbers, null where there are none", () => {
    const point = parseDecodedPoint({ ...RECEIPT, x: 1, y: 2, z: [1, 2, 3], nearest: { dataset_idx: 5, distance: 0.5 }, cycle_error: 0.1, density: null, trust: 0.7 });
    expect(point).toMatchObject({ nearest: { id: 5, distance: 0.5 }, density: null, distortion: null, trust: 0.7, decoded: null });
    expect(() => parseDecodedPoint({ x: 1, y: 2, z: [1] })).toThrow(/nearest/);
  });
});

it("adds what no event told of, and nothing that is known", () => {
  const run = { ...EMPTY_RUN, artifacts: { latents: [0, 1] } };
  const more = withArtifacts(run, [{ kind: "latents", epochs: [1] }, { kind: "atlas_pca", epochs: [5, 2] }]);
  expect(more.artifacts).toEqual({ latents: [0, 1], atlas_pca: [2, 5] });
  expect(withArtifacts(run, [{ kind: "latents", epochs: [0] }])).toBe(run);
});
