import { describe, expect, it } from "vitest";
import { chosenFrames, pairsOf, progressionOf } from "./progressions";

const geometric = (frames: number, offset: number) => progressionOf({ progression: "geometric", frames, offset });
const bezier = (frames: number, control1: unknown, control2: unknown) => progressionOf({ progression: "bezier", frames, control1, control2 });

// The expected places are those of latelier.lab.progressions.
describe("progressions", () => {
  it("chooses more of the beginning and never the last frame", () => {
    expect(chosenFrames(geometric(5, 10), 51)).toEqual([0, 4, 10, 19, 32]);
    expect(chosenFrames(geometric(10, 10), 3)).toEqual([0, 1]);
    expect(chosenFrames(geometric(10, 10), 0)).toEqual([]);
    expect(chosenFrames(geometric(10, 10), 61)).toEqual([0, 2, 4, 8, 11, 16, 22, 29, 37, 48]);
  });

  it("follows a curve with the first and the last", () => {
    expect(chosenFrames(bezier(5, [0, 0], [1, 1]), 101)).toEqual([0, 25, 50, 75, 100]);
    expect(chosenFrames(bezier(6, [0.42, 0], [1, 1]), 51)).toEqual([0, 3, 11, 21, 35, 50]);
    expect(chosenFrames(bezier(3, [0, 2], [1, 1]), 11)).toEqual([0, 10]);
    expect(chosenFrames(bezier(0, [0, 0], [1, 1]), 11)).toEqual([]);
  });

  it("reads the settings of a run, and those of an older one", () => {
    expect(pairsOf({ dimensions: [[1, 0], [1, 2], "x", [3]] })).toEqual([[1, 0], [1, 2]]);
    expect(pairsOf(undefined)).toEqual([]);
    expect(progressionOf(null)).toMatchObject({ kind: "geometric", frames: 10, offset: 10, control1: [0.42, 0] });
  });
});
