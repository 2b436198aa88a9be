import { expect, it } from "vitest";
import { offers, type Offer } from "./overlay";

const RUN: Offer = { dims: 2, method: "pca", artifacts: { posterior_2d_pca: [1] }, capabilities: ["decode"] };

it("offers an overlay when the run has what it draws", () => {
  expect(offers({ needs: {} }, RUN)).toBe(true);
  expect(offers({ needs: { artifact: (method) => `posterior_2d_${method}`, dims: 2 } }, RUN)).toBe(true);
  expect(offers({ needs: { artifact: (method) => `posterior_2d_${method}` } }, { ...RUN, method: "umap" })).toBe(false);
  expect(offers({ needs: { dims: 2 } }, { ...RUN, dims: 3 })).toBe(false);
  expect(offers({ needs: { capability: "sample" } }, RUN)).toBe(false);
});
