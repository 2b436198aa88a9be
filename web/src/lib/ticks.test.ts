import { describe, expect, it } from "vitest";
import { spanOf, ticks } from "./ticks";

describe("axes", () => {
  it("lets values that tower over the rest enter from above", () => {
    const calm = Array.from({ length: 40 }, (_, at) => 30 + (at % 5));
    expect(spanOf([900, ...calm]).high).toBeLessThan(60);
    expect(spanOf([5, 5, 5]).low).toBeLessThan(5);
    expect(spanOf([]).marks).toEqual([0, 1]);
  });

  it("marks whole epochs", () => {
    expect(ticks(55).at(-1)).toBe(55);
    expect(ticks(3)).toEqual([0, 1, 2, 3]);
    expect(ticks(400).length).toBeLessThan(14);
  });
});
