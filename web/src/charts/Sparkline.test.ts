import { describe, expect, it } from "vitest";
import { sparkPath } from "./Sparkline";

describe("sparkPath", () => {
  it("draws nothing of a single value", () => {
    expect(sparkPath([1], 10)).toBe("");
    expect(sparkPath([3, null, 1], 2)).toMatch(/^M0\.0 .*L112\.0 /);
  });
});
