import { expect, it } from "vitest";
import { isOn, offers, turned, type Offer } from "./overlay";

const RUN: Offer = { dims: 2, method: "pca", artifacts: { posterior_2d_pca: [1] }, capabilities: ["decode"], computable: ["posterior_2d_umap"] };
const kind = (method: string) => `posterior_2d_${method}`;

it("offers an overlay when the run has what it draws, or can make it", () => {
  expect(offers({ needs: {} }, RUN)).toBe(true);
  expect(offers({ needs: { artifact: kind, dims: 2 } }, RUN)).toBe(true);
  expect(offers({ needs: { artifact: kind } }, { ...RUN, method: "umap" })).toBe(true);
  expect(offers({ needs: { artifact: kind } }, { ...RUN, method: "umap", computable: [] })).toBe(false);
  expect(offers({ needs: { artifact: kind } }, { ...RUN, artifacts: { posterior_2d_pca: [] } })).toBe(false);
  expect(offers({ needs: { dims: 2 } }, { ...RUN, dims: 3 })).toBe(false);
  expect(offers({ needs: { capability: "sample" } }, RUN)).toBe(false);
});

const ALL = [{ id: "names", first: true }, { id: "density", first: false, fills: true }, { id: "trust", first: false, fills: true }];

it("shows one ground at a time, and leaves the rest as it is", () => {
  const density = turned(ALL, { names: false }, "density", true);
  expect(density).toEqual({ names: false, density: true });
  expect(turned(ALL, density, "trust", true)).toEqual({ names: false, trust: true });
  expect(turned(ALL, density, "density", false)).toEqual({ names: false });
  expect(turned(ALL, density, "names", true)).toEqual({ density: true });
  expect([...isOn(ALL, { density: true, trust: true })]).toEqual(["names", "density"]);
});
