import { expect, it } from "vitest";
import { fits } from "./panel";

it("fits a run that has its artifact and its capability", () => {
  const run = { artifacts: { anatomy: [0, 1] }, capabilities: ["responsibilities"] };
  expect(fits({ needs: {} }, run)).toBe(true);
  expect(fits({ needs: { artifact: "anatomy", capability: "responsibilities" } }, run)).toBe(true);
  expect(fits({ needs: { artifact: "trust_2d_pca" } }, run)).toBe(false);
  expect(fits({ needs: { artifact: "anatomy", capability: "sample" } }, run)).toBe(false);
});
