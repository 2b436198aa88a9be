import { expect, it } from "vitest";
import { colorAt, lookOf, type Palette } from "./look";

const PALETTE: Palette = {
  theme: "dark", classes: [[10, 0, 0], [20, 0, 0]], plain: [90, 90, 90], text: [255, 255, 255], ground: [0, 0, 0], line: [0, 0, 255],
};
const classes = { kind: "class" as const, values: Int32Array.from([0, 1, 0, -1, 1]) };

it("dims hidden classes, never to nothing, and draws them first", () => {
  const look = lookOf(classes, [0, 1], new Set([0]), PALETTE);
  expect([...look.lit]).toEqual([0, 1, 0, 1, 1]);
  expect(look.dimmed).toBe(2);
  expect([...look.order.slice(0, 2)].sort()).toEqual([0, 2]);
  expect([...look.order].sort()).toEqual([0, 1, 2, 3, 4]);
  expect([...look.colors.slice(0, 3)]).toEqual([90, 90, 90]);
  expect(look.colors[3]).toBeGreaterThan(20);
  expect(look.colors[7]).toBeGreaterThan(look.colors[3] as number);
  expect([...look.colors.slice(4, 7)]).toEqual([20, 0, 0]);
});

it("spreads amounts over the scale, and has a color for none", () => {
  const field = { kind: "amount" as const, values: Float32Array.from([-5, 0, 10, 99, Number.NaN]) };
  const at = (index: number) => colorAt(field, index, [0, 10], PALETTE);
  expect(at(0)).toEqual(at(1));
  expect(at(2)).toEqual(at(3));
  expect(at(1)).not.toEqual(at(2));
  expect(at(4)).toEqual(PALETTE.plain);
  expect(lookOf(field, [0, 10], new Set([0]), PALETTE).dimmed).toBe(0);
});

it("dims what is not selected, whatever the color says", () => {
  const chosen = (at: number) => at === 1 || at === 2;
  expect([...lookOf(classes, [0, 1], new Set([0]), PALETTE, chosen).lit]).toEqual([0, 1, 0, 0, 0]);
  const field = { kind: "amount" as const, values: Float32Array.from([1, 2, 3, 4]) };
  const look = lookOf(field, [0, 4], new Set(), PALETTE, chosen);
  expect([[...look.lit], look.dimmed]).toEqual([[0, 1, 1, 0], 2]);
  expect(look.colors[3]).toBeGreaterThan(20);
});
