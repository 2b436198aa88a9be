import { expect, it } from "vitest";
import { nearest } from "./hit";

const PIXELS = Float32Array.from([10, 10, 20, 10, 100, 100, Number.NaN, Number.NaN]);
const ALL = Uint8Array.from([1, 1, 1, 1]);

it("finds the nearest point within the radius, and none beyond it", () => {
  expect(nearest(PIXELS, ALL, 14, 10)).toBe(0);
  expect(nearest(PIXELS, ALL, 16, 10)).toBe(1);
  expect(nearest(PIXELS, ALL, 34, 10)).toBe(1);
  expect(nearest(PIXELS, ALL, 34.1, 10)).toBe(-1);
});

it("never finds a dimmed point, nor one behind the camera", () => {
  expect(nearest(PIXELS, Uint8Array.from([0, 1, 1, 1]), 10, 10)).toBe(1);
  expect(nearest(PIXELS, Uint8Array.from([0, 0, 0, 1]), 10, 10, 1e6)).toBe(-1);
});
