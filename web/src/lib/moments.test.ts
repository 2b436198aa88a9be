import { describe, expect, it } from "vitest";
import { axisEnd, momentAt, momentsOf, passesOf } from "./moments";

const CLOCK = { artifacts: { latents: [0, 1, 2, 3] }, snapshots: { latents: [4, 8, 20] }, stepsPerEpoch: 10, totalSteps: 22 };

describe("moments", () => {
  it("puts ends of epochs and steps inside on one axis, a last part of an epoch at its true end", () => {
    const moments = momentsOf(CLOCK, "latents");
    expect(moments.map(({ step, epoch, inside }) => [step, epoch, inside])).toEqual([
      [0, 0, false], [4, 0, true], [8, 0, true], [10, 1, false], [20, 2, false], [20, 2, true], [22, 3, false],
    ]);
    expect(moments.at(-1)?.at).toBeCloseTo(2.2);
    expect(passesOf(CLOCK)).toBeCloseTo(2.2);
    expect(passesOf({ stepsPerEpoch: null, totalSteps: 3 })).toBeNull();
  });

  it("ends the axis within a last epoch that is a part of one, and nowhere else", () => {
    expect(axisEnd(3, 2.2)).toBe(2.2);
    expect(axisEnd(3, 3)).toBe(3);
    expect(axisEnd(3, null)).toBe(3);
    expect(axisEnd(5, 2.2)).toBe(5);
  });

  it("knows only the ends of epochs while the length of one is not known", () => {
    expect(momentsOf({ ...CLOCK, stepsPerEpoch: null }, "latents").map(({ at }) => at)).toEqual([0, 1, 2, 3]);
    expect(momentsOf(CLOCK, "scores")).toEqual([]);
  });

  it("finds the newest moment up to a place, rounded as an address writes it", () => {
    const moments = momentsOf(CLOCK, "latents");
    expect(momentAt(moments, 0.79)?.step).toBe(4);
    expect(momentAt(moments, 0.7999999)?.step).toBe(8);
    expect(momentAt(moments, 9)?.step).toBe(22);
    expect(momentAt([], 1)).toBeNull();
  });
});
