import { describe, expect, it } from "vitest";
import { ahead, carried, ease, Glide, type Frame } from "./film";

function frame(epoch: number, points: Readonly<Record<number, readonly [number, number]>>, dims: 2 | 3 = 2): Frame {
  const ids = Int32Array.from(Object.keys(points).map(Number));
  const coords = Float32Array.from([...ids].flatMap((id) => [...(points[id] as readonly [number, number]), 0]));
  return { epoch, dims, ids, coords };
}

const reversed = (given: Frame): Frame => {
  const rows = [...given.ids].map((id, at) => [id, given.coords.slice(at * 3, at * 3 + 3)] as const).reverse();
  return { ...given, ids: Int32Array.from(rows.map(([id]) => id)), coords: Float32Array.from(rows.flatMap(([, row]) => [...row])) };
};

const first = frame(1, { 3: [0, 0], 7: [10, 0], 9: [0, 10] });
const second = frame(2, { 3: [2, 2], 7: [10, 4], 9: [4, 10] });

describe("a glide between two maps", () => {
  it("keys points by dataset_idx, whatever their order", () => {
    const shuffled = reversed(second);
    const glide = Glide.still(first).to(shuffled, 0, 100, "steady");
    const half = glide.positions(50);
    shuffled.ids.forEach((id, at) => {
      const expected = { 3: [1, 1], 7: [10, 2], 9: [2, 10] }[id] as number[];
      expect([half[at * 3], half[at * 3 + 1]]).toEqual(expected);
    });
  });

  it("starts where the points are and ends on the map itself", () => {
    const glide = Glide.still(first).to(second, 1000, 200, "settle");
    expect([...glide.positions(1000)]).toEqual([...first.coords]);
    expect(glide.positions(1200)).toBe(second.coords);
    expect(glide.isOver(1199)).toBe(false);
    expect(glide.isOver(1200)).toBe(true);
  });

  it("goes on from where it is when it is turned around on its way", () => {
    const there = Glide.still(first).to(second, 0, 100, "steady");
    const back = there.to(first, 50, 100, "steady");
    expect([...back.positions(50)]).toEqual([1, 1, 0, 10, 2, 0, 2, 10, 0]);
    expect([...back.positions(150)]).toEqual([...first.coords]);
  });

  it("lets a new point begin at its place and drops one that is gone", () => {
    const next = frame(3, { 7: [0, 0], 11: [5, 5] });
    const glide = Glide.still(first).to(next, 0, 100, "steady");
    expect([...glide.positions(0)]).toEqual([10, 0, 0, 5, 5, 0]);
  });

  it("cuts between maps of different dimensions", () => {
    const glide = Glide.still(first).to({ ...second, dims: 3 }, 0, 100, "steady");
    expect(glide.positions(0)).toBe(second.coords);
  });

  it("copies nothing when the order is the same", () => {
    expect(carried(second, first.ids.slice(), first.coords)).toBe(first.coords);
  });
});

it("never leaves the way, and goes only forward", () => {
  for (const kind of ["steady", "settle"] as const) {
    let last = 0;
    for (let t = -0.5; t < 1.5; t += 0.01) {
      const now = ease(kind, t);
      expect(now).toBeGreaterThanOrEqual(last);
      expect(now).toBeLessThanOrEqual(1);
      last = now;
    }
    expect(last).toBe(1);
  }
});

it("loads ahead in the direction of travel first", () => {
  const epochs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  expect(ahead(epochs, 4, 1, 4)).toEqual([5, 6, 7, 3]);
  expect(ahead(epochs, 4, -1, 4)).toEqual([3, 2, 1, 5]);
  expect(ahead(epochs, 9, 1, 4)).toEqual([8, 7, 6, 5]);
});
