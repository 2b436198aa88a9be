import { describe, expect, it } from "vitest";
import { arrange, tileAfter, WORDS } from "./arrange";
import type { Layout } from "./layout";

const variants = (count: number, places: (at: number) => Record<string, string> = () => ({})) => Array.from({ length: count }, (_, index) => ({ index, places: places(index) }));
const groups = (...sizes: number[]): Layout => {
  let next = 0;
  return { kind: "groups", groups: sizes.map((size) => ({ label: `${size}`, indices: Array.from({ length: size }, () => next++) })) };
};

describe("the wall of subsets", () => {
  const spread = arrange(groups(5, 10, 10, 5, 1), variants(31), { width: 1440, height: 772 });

  it("has a line per group, with all tiles in sight and as large as that allows", () => {
    expect(spread.spots).toHaveLength(31);
    expect(new Set(spread.spots.map(({ line }) => line)).size).toBe(5);
    expect(spread.height).toBeLessThanOrEqual(772);
    expect(spread.size).toBeGreaterThanOrEqual(104);
    for (const { left, top } of spread.spots) {
      expect(left + spread.size).toBeLessThanOrEqual(1440);
      expect(top + spread.size + WORDS).toBeLessThanOrEqual(spread.height);
    }
  });

  it("names the groups beside their lines, and leaves the end of the first to the legend", () => {
    expect(spread.headings.map(({ text, count }) => [text, count])).toEqual([["5", 5], ["10", 10], ["10", 10], ["5", 5], ["1", 1]]);
    const last = Math.max(...spread.spots.filter(({ line }) => line === 0).map(({ left }) => left));
    expect(spread.free?.left).toBeGreaterThan(last + spread.size);
  });

  it("moves by the arrow keys: along a line, on to the next, and to the nearest of a shorter one", () => {
    expect(tileAfter(spread.spots, 0, "ArrowRight")).toBe(1);
    expect(tileAfter(spread.spots, 4, "ArrowRight")).toBe(5);
    expect(tileAfter(spread.spots, 5, "ArrowUp")).toBe(0);
    expect(tileAfter(spread.spots, 14, "ArrowUp")).toBe(4);
    expect(tileAfter(spread.spots, 30, "ArrowDown")).toBeNull();
    expect(tileAfter(spread.spots, 0, "ArrowLeft")).toBeNull();
    expect(tileAfter(spread.spots, 12, "End")).toBe(30);
    expect(tileAfter(spread.spots, 12, "Home")).toBe(0);
    expect(tileAfter(spread.spots, 12, "x")).toBeNull();
  });
});

it("puts a grid's variants where their labels are", () => {
  const layout: Layout = { kind: "grid", rows: { key: "model.latent_dim", labels: ["2", "4"] }, columns: { key: "objective.beta", labels: ["1", "2", "4"] } };
  const placed = variants(6, (at) => ({ "model.latent_dim": ["2", "4"][at % 2] ?? "", "objective.beta": ["1", "2", "4"][Math.floor(at / 2)] ?? "" }));
  const spread = arrange(layout, placed, { width: 1440, height: 772 });
  expect(spread.spots.map(({ index, line, column }) => [index, line, column])).toEqual([[0, 0, 0], [2, 0, 1], [4, 0, 2], [1, 1, 0], [3, 1, 1], [5, 1, 2]]);
  expect(spread.headings.filter(({ kind }) => kind === "column").map(({ text }) => text)).toEqual(["1", "2", "4"]);
  expect(spread.headings.find(({ kind }) => kind === "axis")?.text).toContain("latent_dim");
  expect(tileAfter(spread.spots, 0, "ArrowDown")).toBe(1);
});

it("keeps tiles at a usual size where they cannot all be in sight, and breaks lines that are full", () => {
  const spread = arrange({ kind: "flat" }, variants(400), { width: 800, height: 400 });
  expect(spread.height).toBeGreaterThan(400);
  expect(spread.spots.every(({ left }) => left + spread.size <= 800)).toBe(true);
  expect(new Set(spread.spots.map(({ left, top }) => `${left} ${top}`)).size).toBe(400);
});

it("survives a room that is hardly there", () => {
  expect(arrange(groups(3), variants(3), { width: 40, height: 20 }).spots).toHaveLength(3);
});

it("turns a grid on its side where that makes its tiles much larger", () => {
  const labels = ["1", "2", "3", "4", "5", "6"];
  const layout: Layout = { kind: "grid", rows: { key: "beta", labels }, columns: { key: "dim", labels: ["a", "b"] } };
  const placed = variants(12, (at) => ({ beta: labels[Math.floor(at / 2)] ?? "", dim: ["a", "b"][at % 2] ?? "" }));
  const wide = arrange(layout, placed, { width: 1440, height: 772 });
  expect(new Set(wide.spots.map(({ line }) => line)).size).toBe(2);
  expect(wide.headings.find(({ kind }) => kind === "axis")?.text).toMatch(/^dim ↓/);
  expect(new Set(arrange(layout, placed, { width: 500, height: 900 }).spots.map(({ line }) => line)).size).toBe(6);
});
