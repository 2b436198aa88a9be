import { describe, expect, it } from "vitest";
import { parseMixture } from "./mixture";

describe("parseMixture", () => {
  it("refuses a mixture whose columns disagree, and says why", () => {
    expect(() => parseMixture({ components: 3, p: [1], argmax_counts: [1] })).toThrow(/p is not as long/);
    expect(() => parseMixture(null)).toThrow(/not an object/);
  });
});
