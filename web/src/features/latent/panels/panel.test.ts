import { expect, it } from "vitest";
import { PANELS } from ".";
import { fits, type Offer } from "./panel";

const NOTHING: Offer = { artifacts: {}, capabilities: [], computable: [] };
const run: Offer = { artifacts: { anatomy: [0, 1] }, capabilities: ["responsibilities"], computable: ["traversal"] };

it("fits a run that has its artifact and its capability, or can make what it draws", () => {
  expect(fits({ needs: {} }, run)).toBe(true);
  expect(fits({ needs: { artifact: "anatomy", capability: "responsibilities" } }, run)).toBe(true);
  expect(fits({ needs: { artifact: "trust_2d_pca" } }, run)).toBe(false);
  expect(fits({ needs: { artifact: "anatomy", capability: "sample" } }, run)).toBe(false);
  expect(fits({ needs: { computable: "traversal" } }, run)).toBe(true);
  expect(fits({ needs: { computable: "posterior_local" } }, run)).toBe(false);
});

it("has an id for each panel, and something about everything", () => {
  expect(new Set(PANELS.map(({ id }) => id)).size).toBe(PANELS.length);
  for (const about of ["point", "selection", "map"]) expect(PANELS.some((panel) => panel.about === about)).toBe(true);
});

it.each(PANELS.map((panel) => [panel.id, panel] as const))("%s comes with all that it needs, and never without", (_, panel) => {
  const { artifact, capability, computable } = panel.needs;
  const enough: Offer = {
    artifacts: artifact === undefined ? {} : { [artifact]: [0] },
    capabilities: capability === undefined ? [] : [capability],
    computable: computable === undefined ? [] : [computable],
  };
  expect(fits(panel, enough)).toBe(true);
  const lacks = (Object.keys(NOTHING) as (keyof Offer)[]).filter((part) => JSON.stringify(enough[part]) !== JSON.stringify(NOTHING[part]));
  for (const part of lacks) expect(fits(panel, { ...enough, [part]: NOTHING[part] })).toBe(false);
});
