import { expect, it } from "vitest";
import { PANELS } from ".";
import { setAt } from "@/lib/config";
import { fits, type Offer } from "./panel";

const NEVER: Offer = { artifacts: {}, capabilities: [], computable: [], config: {}, over: true };

it("shows what a run has, may still get while it trains, or can make", () => {
  const spec = { place: "side", id: "x", Component: () => null } as const;
  const mixture = { ...spec, needs: { capabilities: ["responsibilities"], artifact: "mixture_health" } };
  expect(fits(mixture, { ...NEVER, artifacts: { mixture_health: [1] } })).toBe(true);
  expect(fits(mixture, { ...NEVER, capabilities: ["responsibilities"], over: false })).toBe(true);
  expect(fits(mixture, { ...NEVER, capabilities: ["responsibilities"] })).toBe(false);
  expect(fits(mixture, { ...NEVER, over: false })).toBe(false);
  expect(fits({ ...spec, needs: { computable: "prior_samples" } }, { ...NEVER, computable: ["prior_samples"] })).toBe(true);
  expect(fits({ ...spec, needs: { computable: "prior_samples" } }, { ...NEVER, over: false })).toBe(false);
});

it("waits for no artifact of the end, and shows nothing that the configuration does not ask for", () => {
  const spec = { place: "side", id: "x", Component: () => null } as const;
  const late = { ...spec, needs: { artifact: "factor_scores", atEnd: true } };
  expect(fits(late, { ...NEVER, over: false })).toBe(false);
  expect(fits(late, { ...NEVER, artifacts: { factor_scores: [3] } })).toBe(true);
  const asked = { ...spec, needs: { artifact: "latents", setting: "analysis.pairs.dimensions" } };
  const has = { ...NEVER, artifacts: { latents: [0] } };
  expect(fits(asked, { ...has, config: { analysis: { pairs: { dimensions: [[1, 0]] } } } })).toBe(true);
  expect(fits(asked, { ...has, config: { analysis: { pairs: { dimensions: [] } } } })).toBe(false);
  expect(fits(asked, has)).toBe(false);
});

it("has an id for each panel", () => {
  expect(new Set(PANELS.map(({ id }) => id)).size).toBe(PANELS.length);
});

it.each(PANELS.map((panel) => [panel.id, panel] as const))("%s comes with all that it needs, and never without", (_, panel) => {
  const { artifact, capabilities = [], computable, setting } = panel.needs;
  const enough: Offer = {
    over: true,
    artifacts: artifact === undefined ? {} : { [artifact]: [0] },
    capabilities,
    computable: computable === undefined ? [] : [computable],
    config: setting === undefined ? {} : setAt({}, setting, [1]),
  };
  expect(fits(panel, enough)).toBe(true);
  const needsSomething = artifact !== undefined || capabilities.length > 0 || computable !== undefined;
  expect(fits(panel, NEVER)).toBe(!needsSomething);
});
