import { describe, expect, it } from "vitest";
import { deadWords, isWeak, parseMixture } from "./mixture";

describe("parseMixture", () => {
  it("refuses a mixture whose columns disagree, and says why", () => {
    expect(() => parseMixture({ components: 3, p: [1], argmax_counts: [1] })).toThrow(/p is not as long/);
    expect(() => parseMixture(null)).toThrow(/not an object/);
  });
});

const HEALTH = { components: 4, p: [0.6, 0.3, 0.1, 0], neff: 2.4, argmax_neff: 2, argmax_counts: [6, 4, 0, 0], dead: [2, 3], mean_entropy: 0.2 };

it("marks components that do nearly nothing, and names the dead", () => {
  const health = parseMixture(HEALTH);
  expect(health).toMatchObject({ effective: 2.4, argmaxEffective: 2, meanEntropy: 0.2 });
  expect([0, 1, 2, 3].map((component) => isWeak(health, component))).toEqual([false, false, true, true]);
  expect(deadWords(health)).toBe("Components 2, 3 hold no point.");
  expect(deadWords({ ...health, dead: [3] })).toBe("Component 3 holds no point.");
  expect(deadWords({ ...health, dead: [] })).toBe("Every component holds points.");
  expect(deadWords({ ...health, weights: Array.from({ length: 40 }, () => 0), dead: Array.from({ length: 20 }, (_, at) => at) })).toBe("20 of 40 components hold no point.");
});
