import { expect, it } from "vitest";
import { parseQuality } from "./quality";

it("reads the quality of each map that there is", () => {
  const { maps } = parseQuality({ epoch: 4, maps: { "2d_pca": { k: 10, trustworthiness: 0.91, continuity: null, point_trustworthiness: [1] } } });
  expect(maps).toEqual({ "2d_pca": { k: 10, trustworthiness: 0.91, continuity: null } });
  expect(() => parseQuality({ maps: { "2d_pca": { k: "ten" } } })).toThrow(/maps.2d_pca.k/);
  expect(() => parseQuality({})).toThrow(/maps/);
});
