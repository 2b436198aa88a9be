import { expect, it } from "vitest";
import { spread } from "./reel";

it("spreads over a long run, with both of its ends", () => {
  const epochs = Array.from({ length: 1001 }, (_, at) => at);
  const some = spread(epochs, 64);
  expect(some).toHaveLength(64);
  expect([some[0], some.at(-1)]).toEqual([0, 1000]);
  expect(new Set(some).size).toBe(64);
  expect(spread([1, 2, 3], 64)).toEqual([1, 2, 3]);
});
