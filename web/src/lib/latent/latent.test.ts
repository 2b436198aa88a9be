import { describe, expect, it } from "vitest";
import { anchorsOf, apart } from "./anchors";
import { parseAnatomy } from "./anatomy";
import { choicesOf, countsOf, fieldOf, membersOf, rangeOf, subscript, type Sources } from "./fields";
import { find } from "./find";
import { commonBounds, parseMap, shareOf } from "./map";
import { edgesOf, gateWeight, parseNeighbors } from "./neighbors";
import { parseSprites, tileOf } from "./sprites";

const box = (low: number, high: number) => ({ min: [low, low], max: [high, high] });
const MAP = {
  epoch: 4, step: 144, seed: 7, checkpoint_hash: "abc", compute_ms: 1.5, method: "pca", dims: 2,
  dataset_idx: [11, 12, 15], coords: [[0, 1], [2, 3], [null, null]], label: [0, 1, 1],
  explained_variance_ratio: [0.5, 0.25], bounds: { full: box(-4, 4), robust: box(-2, 2) },
};
const ANATOMY = {
  unit: "nats", dataset_idx: [15, 12, 11], reconstruction: [30, 20, 10], kl: [[3, 0.3], [2, 0.2], [1, 0.1]],
  component: [2, 1, 0], predicted: null, responsibilities: null, label: [1, 1, 0],
};
const KNN = {
  k: 2, dataset_idx: [11, 12, 15], neighbors: [[12, 15], [11, 15], [12, 11]], distances: [[1, 3], [1, 2], [2, 3]], d_k: [3, 2, 3],
  maps: { "2d": { drawn: [[0.5, 2], [0.5, 1], [1, 2]], extent: [1, 1, 1], gate: { kind: "exponential", width: 0.5 } } },
};
const map = parseMap(MAP);
const anatomy = parseAnatomy(ANATOMY);
const neighbors = parseNeighbors(KNN);
const sources: Sources = { map, anatomy, neighbors, churn: null };

describe("a map", () => {
  it("is packed three to a point, with what the file says of itself", () => {
    expect([...map.coords.slice(0, 6)]).toEqual([0, 1, 0, 2, 3, 0]);
    expect(map.coords[6]).toBeNaN();
    expect(map.receipt).toMatchObject({ epoch: 4, seed: 7, checkpoint: "abc" });
  });

  it("is refused, by field, when it is damaged", () => {
    expect(() => parseMap({ ...MAP, dims: 4 })).toThrow("dims");
    expect(() => parseMap({ ...MAP, coords: [[0, 1]] })).toThrow("coords has 1 rows, not 3");
    expect(() => parseMap({ ...MAP, coords: [[0], [1], [2]] })).toThrow("coords");
    expect(() => parseMap({ ...MAP, dataset_idx: [1, 2.5, 3] })).toThrow("dataset_idx");
    expect(() => parseMap({ ...MAP, bounds: {} })).toThrow("bounds");
    expect(() => parseMap([])).toThrow("not an object");
  });

  it("has one scale over all epochs: room beyond the robust bounds, never beyond the points", () => {
    const wide = parseMap({ ...MAP, bounds: { full: { min: [-9, -1], max: [2.1, 1] }, robust: { min: [-3, -1], max: [2, 1] } } });
    const bounds = commonBounds([map, wide]);
    expect(bounds?.min[0]).toBeCloseTo(-3 - 5 * 0.16);
    expect(bounds?.max[0]).toBeCloseTo(2 + 5 * 0.16);
    expect(commonBounds([wide, map])).toEqual(bounds);
    expect(commonBounds([])).toBeNull();
    const tight = parseMap({ ...MAP, bounds: { full: box(-1, 1), robust: box(-1, 1) } });
    expect(commonBounds([tight])).toEqual({ min: [-1, -1], max: [1, 1] });
  });

  it("knows how much of the run's bounds one epoch takes", () => {
    const narrow = parseMap({ ...MAP, bounds: { full: { min: [-1, -2], max: [1, 2] }, robust: { min: [-1, -2], max: [1, 2] } } });
    expect(shareOf(narrow, box(-8, 8))).toBeCloseTo(0.25);
    expect(shareOf(narrow, box(0, 0))).toBe(1);
  });
});

describe("neighbors", () => {
  it("gate by extent: whole inside, an exponential beyond, no jump", () => {
    expect(gateWeight(0.99, 1, 0.5)).toBe(1);
    expect(gateWeight(1, 1, 0.5)).toBe(1);
    expect(gateWeight(1.0001, 1, 0.5)).toBeCloseTo(1, 3);
    expect(gateWeight(1.5, 1, 0.5)).toBeCloseTo(Math.exp(-1));
    expect(gateWeight(2, 1, 0)).toBe(0);
  });

  it("are the stored ones, with distances of the latent space", () => {
    const top = edgesOf(neighbors, 11, 2, null);
    expect(top.map(({ id, distance }) => [id, distance])).toEqual([[12, 1], [15, 3]]);
    expect(top[0]?.weight).toBe(1);
    expect(top[1]?.weight).toBeGreaterThan(0.2);
    const gated = edgesOf(neighbors, 11, 2, neighbors.maps["2d"]);
    expect(gated.map(({ weight }) => weight)).toEqual([1, Math.exp(-2)]);
    expect(edgesOf(neighbors, 11, 1, null)).toHaveLength(1);
    expect(edgesOf(neighbors, 99, 2, null)).toEqual([]);
    expect(neighbors.maps["3d"]).toBeNull();
  });

  it("are refused when rows do not fit", () => {
    expect(() => parseNeighbors({ ...KNN, distances: [[1, 3], [1], [2, 3]] })).toThrow("distances has 1 rows, not 2");
    expect(() => parseNeighbors({ ...KNN, d_k: [1] })).toThrow("d_k");
  });
});

describe("colors", () => {
  const choice = (id: string) => choicesOf(sources, { neighbors: true, churn: true }).find((item) => item.id === id);
  it("are offered by what the artifacts hold", () => {
    const ids = choicesOf(sources, { neighbors: true, churn: false }).map(({ id }) => id);
    expect(ids).toEqual(["label", "component", "reconstruction", "kl1", "kl2", "dk"]);
    expect(choicesOf({ ...sources, map: { ...map, label: null }, anatomy: null }, { neighbors: false, churn: false }).map(({ id }) => id)).toEqual(["none"]);
  });

  it("follow dataset_idx, whatever the order of the file", () => {
    expect([...(fieldOf(choice("reconstruction")!, sources)?.values ?? [])]).toEqual([10, 20, 30]);
    expect([...(fieldOf(choice("component")!, sources)?.values ?? [])]).toEqual([0, 1, 2]);
    expect((fieldOf(choice("kl2")!, sources)?.values[2])).toBeCloseTo(0.3);
    expect([...(fieldOf(choice("dk")!, sources)?.values ?? [])]).toEqual([3, 2, 3]);
    expect(fieldOf(choice("churn")!, sources)).toBeNull();
  });

  it("span a range that one outlier cannot take", () => {
    const values = Float32Array.from({ length: 1000 }, (_, at) => at);
    values[999] = 1e6;
    values[0] = Number.NaN;
    const [low, high] = rangeOf(values);
    expect(low).toBeLessThan(20);
    expect(high).toBeLessThan(1000);
    expect(rangeOf(Float32Array.from([2, 2]))).toEqual([2, 4]);
    expect(rangeOf(new Float32Array(0))).toEqual([0, 1]);
  });

  it("have the units of the file, which may differ by term", () => {
    const units = { reconstruction: "as in the objective", kl: "nats" };
    const mixed = parseAnatomy({ ...ANATOMY, unit: undefined, units });
    expect(mixed.units).toEqual(units);
    expect([anatomy.active, anatomy.deviation]).toEqual([null, null]);
    const sure = parseAnatomy({ ...ANATOMY, active_units: { active: [true, false], threshold: 0.01 }, posterior_deviation: [0.5, 0.25, 1] });
    expect([sure.active, sure.deviation]).toEqual([{ units: [true, false], threshold: 0.01 }, Float32Array.from([0.5, 0.25, 1])]);
    expect(anatomy.units).toEqual({ reconstruction: "nats", kl: "nats" });
    const offered = choicesOf({ ...sources, anatomy: mixed }, { neighbors: false, churn: false });
    expect(offered.find(({ id }) => id === "reconstruction")?.unit).toBe("as in the objective");
    expect(offered.find(({ id }) => id === "kl1")?.unit).toBe("nats");
  });

  it("count classes", () => {
    expect(countsOf(Int32Array.from([1, 0, 1, -1]))).toEqual([[0, 1], [1, 2]]);
    expect(subscript(10)).toBe("₁₀");
  });
});

describe("names of classes", () => {
  it("stand where most points are, not at the mean of two heaps", () => {
    const heap = Array.from({ length: 30 }, (_, at) => [10 + (at % 5) * 0.02, 5 + at * 0.01]);
    const few = Array.from({ length: 10 }, (_, at) => [-10 + at * 0.3, -5]);
    const rows = [...heap, ...few];
    const frame = { epoch: 0, dims: 2 as const, ids: Int32Array.from(rows.keys()), coords: Float32Array.from(rows.flatMap(([x, y]) => [x!, y!, 0])) };
    const [only] = anchorsOf(frame, new Int32Array(rows.length).fill(3));
    expect(only).toMatchObject({ value: 3, count: 40 });
    expect(only?.at[0]).toBeCloseTo(10, 0);
    expect(only?.at[1]).toBeCloseTo(5, 0);
  });

  it("leave out points without a class or a place, and bear a class of one point", () => {
    expect(anchorsOf(map, Int32Array.from([-1, 4, 4]))).toEqual([{ value: 4, count: 1, at: [2, 3, 0] }]);
  });

  it("move apart until they can be read", () => {
    const places = apart([[0, 0], [0, 0], [3, 0], [100, 0]], 16);
    for (const [i, a] of places.entries()) for (const b of places.slice(i + 1)) {
      expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeGreaterThan(12);
    }
    expect(places[3]).toEqual([100, 0]);
    const [held, moved] = apart([[5, 5], [6, 5]], 16, 1) as unknown as [readonly number[], readonly number[]];
    expect(held).toEqual([5, 5]);
    expect(moved[0]).toBeCloseTo(21);
  });
});

describe("a search", () => {
  const ids = new Map([[3, 0], [1638, 1]]);
  const classes = [{ value: 3, name: "3", count: 200 }, { value: 5, name: "sandal", count: 10 }];
  it("finds points by index and classes by name", () => {
    expect(find("1638", { ids, classes })).toEqual([{ kind: "point", id: 1638 }]);
    expect(find("3", { ids, classes }).map(({ kind }) => kind)).toEqual(["class", "point", "members"]);
    expect(find("#3", { ids, classes })[0]).toEqual({ kind: "point", id: 3 });
    expect(find("label 3", { ids, classes })).toEqual([{ kind: "class", value: 3, count: 200 }, { kind: "members", value: 3, count: 200 }]);
    expect(find("sand", { ids, classes })).toEqual([{ kind: "class", value: 5, count: 10 }, { kind: "members", value: 5, count: 10 }]);
  });
  it("finds points by their error", () => {
    const errors = Float32Array.from([10, 20, Number.NaN, 30]);
    expect(find("error > 15", { ids, classes, errors })).toEqual([{ kind: "errors", sign: ">", limit: 15, count: 2 }]);
    expect(find("Error<10.5", { ids, classes, errors })).toEqual([{ kind: "errors", sign: "<", limit: 10.5, count: 1 }]);
    expect(find("error > 99", { ids, classes, errors })).toEqual([{ kind: "nothing", why: "No point has an error above 99." }]);
    expect(find("error > 15", { ids, classes })[0]?.kind).toBe("nothing");
  });
  it("knows who belongs to a class", () => {
    expect(membersOf({ kind: "class", values: Int32Array.from([1, 0, 1]) }, 1, map.ids)).toEqual([11, 15]);
    expect(membersOf({ kind: "amount", values: Float32Array.from([1, 0, 1]) }, 1, map.ids)).toEqual([]);
  });
  it("says why it found nothing", () => {
    expect(find("99", { ids, classes })).toEqual([{ kind: "nothing", why: "Point 99 is not among the 2 on the map." }]);
    expect(find("?", { ids, classes })[0]?.kind).toBe("nothing");
    expect(find("  ", { ids, classes })).toEqual([]);
  });
});

describe("pictures", () => {
  it("have their place on the sheet", () => {
    const sprites = parseSprites({ tile: 28, columns: 2, rows: 2, dataset_idx: [5, 7, 9] });
    expect(tileOf(sprites, 9)).toEqual({ column: 0, row: 1 });
    expect(tileOf(sprites, 6)).toBeNull();
  });
});
