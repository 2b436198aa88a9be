import { describe, expect, it } from "vitest";
import { classColors, gradient, sequential } from "./ramp";
import { css, luminance, parseHex, type Rgb } from "./rgb";

describe("the sequential scale", () => {
  it("only gets lighter on dark ground, and only darker on light ground", () => {
    const shades = Array.from({ length: 101 }, (_, at) => at / 100);
    const dark = shades.map((share) => luminance(sequential("dark", share)));
    const light = shades.map((share) => luminance(sequential("light", share)));
    for (let at = 1; at <= 100; at += 1) {
      expect(dark[at]).toBeGreaterThanOrEqual(dark[at - 1] as number);
      expect(light[at]).toBeLessThanOrEqual(light[at - 1] as number);
    }
    expect((dark[100] as number) - (dark[0] as number)).toBeGreaterThan(0.6);
  });

  it("stops at its ends", () => {
    expect(sequential("dark", -3)).toEqual(sequential("dark", 0));
    expect(sequential("dark", 3)).toEqual(parseHex("#fbeeb3"));
    expect(gradient("light")).toContain("rgb(54 27 95)");
  });
});

describe("colors of classes", () => {
  const given: readonly Rgb[] = [[1, 2, 3], [4, 5, 6]];
  it("keeps the given ones and never runs out", () => {
    const colors = classColors(given, 24, "dark");
    expect(colors.slice(0, 2)).toEqual(given);
    expect(new Set(colors.map(String)).size).toBe(24);
    expect(classColors(given, 1, "dark")).toEqual([[1, 2, 3]]);
  });
});

it("reads and writes colors", () => {
  expect(parseHex("#0e1013")).toEqual([14, 16, 19]);
  expect(parseHex("#fff")).toEqual([255, 255, 255]);
  expect(() => parseHex("blue")).toThrow("not a color");
  expect(css([1, 2, 3], 0.5)).toBe("rgb(1 2 3 / 0.5)");
});
