import { expect, it } from "vitest";
import { FIRST_VIEW, readView, viewParams, type LatentView } from "./view";

const through = (view: LatentView) => {
  const params = viewParams(view);
  return readView((name) => params[name] ?? null);
};

it("restores a view from its address", () => {
  const view: LatentView = {
    dims: 3, method: "umap", color: "kl3", focus: 1638, to: 12, selected: [7, 1638], k: 12, edges: "extent", hidden: [0, 7], fit: "epoch", pin: { u: -1250, v: 40 }, overlays: { names: false, trails: true },
  };
  expect(through(view)).toEqual(view);
  expect(viewParams(view)).toMatchObject({ dims: "3", focus: "1638", hide: "0.7", fit: "epoch", to: "12", select: "7.1638", pin: "-1250.40", overlays: "-names.trails" });
});

it("says nothing of what is as usual", () => {
  expect(Object.values(viewParams(FIRST_VIEW)).every((value) => value === null)).toBe(true);
  expect(through(FIRST_VIEW)).toEqual(FIRST_VIEW);
});

it("takes nonsense for nothing", () => {
  const nonsense: Readonly<Record<string, string>> = { dims: "9", color: "<b>", focus: "-4", k: "1e9", hide: "1.x..2", overlays: "A.-", fit: "all", pin: "1.x" };
  expect(readView((name) => nonsense[name] ?? null)).toEqual({ ...FIRST_VIEW, hidden: [1, 2] });
  expect(readView(() => "500").k).toBe(100);
});
