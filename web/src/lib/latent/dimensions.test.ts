import { expect, it } from "vitest";
import { traversable } from "./dimensions";

it("puts the dimension with the most information first", () => {
  const dims = traversable(Float32Array.from([0.5, 2, 0.25]), [true, true, false], 9);
  expect(dims.map(({ d }) => d)).toEqual([1, 0, 2]);
  expect(dims.map(({ label }) => label)).toEqual(["z₂ · KL 2.000", "z₁ · KL 0.500", "z₃ · KL 0.250, inactive"]);
});

it("takes them as they come where nothing says more", () => {
  expect(traversable(null, null, 2).map(({ label }) => label)).toEqual(["z₁", "z₂"]);
  expect(traversable(null, [false], 2).map(({ label }) => label)).toEqual(["z₁ · inactive"]);
  expect(traversable(null, null, 0)).toEqual([]);
});
