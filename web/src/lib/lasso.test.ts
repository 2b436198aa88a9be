import { describe, expect, it } from "vitest";
import { caught, drawn, isLoop, within, type Pixel } from "./lasso";

const SQUARE: readonly Pixel[] = [[0, 0], [10, 0], [10, 10], [0, 10]];

describe("within", () => {
  it("tells inside from outside, in either sense of turning", () => {
    for (const outline of [SQUARE, [...SQUARE].reverse()]) {
      expect(within(outline, 5, 5)).toBe(true);
      for (const [x, y] of [[-1, 5], [11, 5], [5, -1], [5, 11], [-1, 0], [11, 10], [20, 0]] as const) expect(within(outline, x, y)).toBe(false);
    }
  });
  it("counts the border and its corners", () => {
    for (const [x, y] of [[0, 0], [10, 10], [10, 0], [5, 0], [0, 5], [10, 5], [5, 10]] as const) expect(within(SQUARE, x, y)).toBe(true);
    expect(within([[0, 0], [9, 3], [0, 6]], 4.5, 1.5)).toBe(true);
  });
  it("passes a corner at the height of the place once", () => {
    const diamond: readonly Pixel[] = [[5, 0], [10, 5], [5, 10], [0, 5]];
    expect(within(diamond, 5, 5)).toBe(true);
    expect(within(diamond, -3, 5)).toBe(false);
    expect(within(diamond, -3, 0)).toBe(false);
    const teeth: readonly Pixel[] = [[0, 0], [4, 8], [8, 0], [12, 8], [16, 0], [16, 12], [0, 12]];
    expect(within(teeth, 1, 8)).toBe(true);
    expect(within(teeth, 8, 4)).toBe(true);
    expect(within(teeth, 4, 4)).toBe(false);
  });
  it("leaves out the bay of a horseshoe, and what a figure goes around twice", () => {
    const horseshoe: readonly Pixel[] = [[0, 0], [12, 0], [12, 12], [8, 12], [8, 4], [4, 4], [4, 12], [0, 12]];
    expect(within(horseshoe, 6, 8)).toBe(false);
    expect(within(horseshoe, 2, 8)).toBe(true);
    const star: readonly Pixel[] = [0, 2, 4, 1, 3].map((at) => [10 * Math.sin((at * 2 * Math.PI) / 5), -10 * Math.cos((at * 2 * Math.PI) / 5)]);
    expect(within(star, 0, 0)).toBe(false);
    expect(within(star, 0, -8)).toBe(true);
  });
  it("holds nothing when it is a point, a line, or empty", () => {
    for (const outline of [[], [[1, 1]], [[0, 0], [10, 10]]] as (readonly Pixel[])[]) expect(within(outline, 1, 1)).toBe(false);
    expect(within([[0, 0], [5, 5], [10, 10]], 5, 4)).toBe(false);
    expect(within([[3, 3], [3, 3], [3, 3]], 4, 3)).toBe(false);
  });
  it("agrees with a second method on random outlines", () => {
    let state = 7;
    const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
    for (let round = 0; round < 40; round += 1) {
      const outline = Array.from({ length: 3 + Math.floor(random() * 9) }, () => [random() * 20, random() * 20] as Pixel);
      for (let at = 0; at < 20; at += 1) {
        const [x, y] = [random() * 20, random() * 20];
        expect(within(outline, x, y)).toBe(crossings(outline, x, y) % 2 === 1);
      }
    }
  });
});

/** Sides that a ray straight up from the place meets: the other way around than the code under test. */
function crossings(outline: readonly Pixel[], x: number, y: number): number {
  return outline.filter(([ax, ay], at) => {
    const [bx, by] = outline[(at + 1) % outline.length] as Pixel;
    if (ax < x === bx < x) return false;
    return ay + ((x - ax) * (by - ay)) / (bx - ax) < y;
  }).length;
}

it("catches the points within, but none behind the camera and none that cannot be meant", () => {
  const pixels = Float32Array.from([5, 5, 15, 5, Number.NaN, Number.NaN, 9, 9, 1, 1]);
  expect(caught(SQUARE, pixels, () => true)).toEqual([0, 3, 4]);
  expect(caught(SQUARE, pixels, (at) => at !== 3)).toEqual([0, 4]);
  expect(caught(SQUARE.slice(0, 2), pixels, () => true)).toEqual([]);
});

it("keeps a stroke short, and knows a loop from a click", () => {
  let outline: readonly Pixel[] = [];
  for (let x = 0; x <= 30; x += 1) outline = drawn(outline, [x, 0]);
  expect(outline.length).toBe(11);
  expect(isLoop(outline)).toBe(false);
  expect(isLoop([[4, 4]])).toBe(false);
  expect(isLoop(SQUARE)).toBe(true);
});
