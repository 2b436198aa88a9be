import { describe, expect, it } from "vitest";
import { commonWindow, ownWindow, pictureOf, steadyWindow } from "./picture";
import { parseCalendar, parseFrame, parsePoints } from "./wall";

const tile = (index: number, more: object = {}) => ({ index, run_id: "r", step: 10, epoch: 1, points: 0, x: [0, 1000, 2000], y: [0, 2000, 500], origin: [-1, -2], unit: 0.001, ring: 0.25, residual: null, ...more });
const file = (...variants: object[]) => ({ kind: "wall", step: 10, epoch: 1, version: 3, compute_ms: 1.5, variants });
const index = (...points: object[]) => ({ points });
const set = (ids: number[], more: object = {}) => ({ dataset_idx: ids, label: null, color: null, ...more });

describe("a picture of the wall", () => {
  it("has the places of its points", () => {
    const frame = parseFrame(file(tile(0), { index: 1, run_id: "s", missing: true, why: null }));
    expect(frame).toMatchObject({ step: 10, epoch: 1, version: 3, computeMs: 1.5, why: [null, null] });
    expect(frame.tiles[1]).toBeNull();
    expect(frame.tiles[0]?.ring).toBe(0.25);
    expect([...(frame.tiles[0]?.places ?? [])].map((value) => Number(value.toFixed(5)))).toEqual([-1, -2, 0, 0, 1, -1.5]);
  });

  it.each([
    ["a tile out of its place", file(tile(1))],
    ["more x than y", file(tile(0, { x: [1, 2, 3, 4] }))],
    ["a place that is no whole number", file(tile(0, { x: [1, 2, 0.5] }))],
    ["no unit", file(tile(0, { unit: null }))],
    ["an origin of three numbers", file(tile(0, { origin: [1, 2, 3] }))],
    ["no version", { ...file(tile(0)), version: undefined }],
    ["no list of variants", { ...file(), variants: {} }],
    ["something else altogether", "a wall"],
  ])("is refused with %s", (_, value) => {
    expect(() => parseFrame(value)).toThrow();
  });
});

describe("the points of the wall", () => {
  it("are one list, with labels and colors where there are any", () => {
    const points = parsePoints(index(set([7, 3], { label: [1, null], color: ["#ff0000", "#00ff10"] })));
    expect([...points.ids]).toEqual([7, 3]);
    expect([...(points.labels ?? [])]).toEqual([1, -1]);
    expect([...(points.colors ?? [])]).toEqual([255, 0, 0, 0, 255, 16]);
  });

  it("hold every example once, where variants show different ones", () => {
    const points = parsePoints(index(set([7, 3], { label: [1, 2] }), set([3, 9], { label: [2, 4] })));
    expect([...points.ids]).toEqual([7, 3, 9]);
    expect(points.sets.map((order) => [...order])).toEqual([[0, 1], [1, 2]]);
    expect([...(points.labels ?? [])]).toEqual([1, 2, 4]);
  });

  it.each([
    ["a color that is none", index(set([1], { color: ["red"] }))],
    ["a label too many", index(set([1], { label: [1, 2] }))],
    ["no ids", index({ label: null, color: null })],
  ])("are refused with %s", (_, value) => {
    expect(() => parsePoints(value)).toThrow();
  });
});

describe("what is drawn", () => {
  const points = parsePoints(index(set([5, 6, 7])));

  it("has the last map of a variant that stopped or records at other steps, but not one that cannot have any", () => {
    const earlier = parseFrame({ ...file(tile(0), tile(1), tile(2)), step: 5 });
    const frame = parseFrame(file(tile(0), { index: 1, missing: true, why: null }, { index: 2, missing: true, why: "its latents have one dimension" }));
    const picture = pictureOf(frame, [earlier], points);
    expect(picture.shown.map((one) => one !== null)).toEqual([true, true, false]);
    expect(Number.isNaN(picture.places[2 * 3 * 2])).toBe(true);
    expect(picture.places[3 * 2]).toBeCloseTo(-1);
  });

  it("puts the points of another set where they belong, and leaves out a set that is not known", () => {
    const two = parsePoints(index(set([5, 6, 7]), set([7, 8, 5])));
    const { places, points: size } = pictureOf(parseFrame(file(tile(0, { points: 1 }), tile(1, { points: 4 }))), [], two);
    expect(size).toBe(4);
    expect([...places.subarray(0, 8)].map((value) => Math.round(value * 10) / 10)).toEqual([1, -1.5, Number.NaN, Number.NaN, -1, -2, 0, 0]);
    expect(places.subarray(8).every(Number.isNaN)).toBe(true);
  });

  it("shows one part of the map in all tiles: around the circle, or what holds the film", () => {
    const bounds = { x: [-1, 2], y: [-1.5, 1.5] } as const;
    expect(commonWindow(bounds, [1, 0])).toMatchObject({ x: 0, y: 0 });
    expect(commonWindow(bounds, [1, 0]).reach).toBeGreaterThan(2);
    expect(commonWindow(bounds, "pca")).toMatchObject({ x: 0.5, y: 0 });
    expect(commonWindow({ x: [0, 0], y: [0, 0] }, "pca").reach).toBeGreaterThan(0);
  });

  it("fits a map alone to its points", () => {
    expect(ownWindow(Float32Array.of(0, 0, 4, 2, Number.NaN, Number.NaN), "pca")).toMatchObject({ x: 2, y: 1 });
    expect(ownWindow(Float32Array.of(Number.NaN, Number.NaN), "pca")).toBeNull();
  });
});

it("knows which pictures there are, and refuses steps that do not rise", () => {
  const value = (steps: number[]) => ({ map: [1, 0], bounds: { x: [-1, 1], y: [-1, 1] }, points: 1, steps: steps.map((step) => ({ step, epoch: 0, variants: 2, version: 1 })) });
  expect(parseCalendar(value([0, 10]))).toMatchObject({ map: [1, 0], sets: 1, steps: [{ step: 0 }, { step: 10 }] });
  expect(() => parseCalendar(value([10, 10]))).toThrow("rise");
  expect(() => parseCalendar({ ...value([]), map: [1] })).toThrow("map");
});

it("shows most maps whole in one window, and lets the few that are far larger be cut", () => {
  const points = parsePoints({ points: [{ dataset_idx: [1], label: null, color: null }] });
  const at = (index: number, x: number) => ({ index, run_id: "r", step: 1, epoch: 0, points: 0, x: [0], y: [0], origin: [x, 0], unit: 1, ring: null, residual: null });
  const frame = parseFrame({ step: 1, epoch: 0, version: 1, variants: [1.2, 1.4, 1.5, 9].map((x, index) => at(index, x)) });
  const bounds = { x: [-9, 9], y: [-9, 9] } as const;
  const window = steadyWindow(pictureOf(frame, [], points), bounds, [1, 0]);
  expect(window.reach).toBeGreaterThan(1.5);
  expect(window.reach).toBeLessThan(2);
  expect(steadyWindow(pictureOf(parseFrame({ step: 1, epoch: 0, version: 1, variants: [] }), [], points), bounds, "pca").reach).toBeGreaterThan(9);
});
