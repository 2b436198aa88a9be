import { describe, expect, it } from "vitest";
import { columnAt, parseTimeline, sheetOf } from "./timeline";

describe("timeline", () => {
  it("reads the schedule at any step", () => {
    const timeline = parseTimeline({ length: 10, steps: [0, 5, 9], columns: { lr: { values: [3, 2, null] } }, phases: [{ name: "p", start: 0, end: 9 }] });
    expect([0, 4, 5, 9].map((step) => columnAt(timeline, "lr", step))).toEqual([3, 3, 2, null]);
    expect(() => parseTimeline({ length: 1, steps: [0], columns: { lr: { values: [] } } })).toThrow(/as long as steps/);
  });

  it("reads the sheet back by step", () => {
    const timeline = parseTimeline({
      length: 10,
      steps: [0, 5],
      columns: { lr: { values: [1, 2], space: "log", timing: "minjerk", keyframes: [[0, 1], [5, 2]] }, beta: { values: [0, 0], keyframes: [[5, 0]] } },
      phases: [{ name: "first", start: 0, end: 4 }, { name: "second", start: 5, end: 9 }],
      actions: [{ step: 7, name: "anchor:red" }],
    });
    expect(timeline.columns[0]).toMatchObject({ space: "log", timing: "minjerk", keyframes: [{ step: 0, value: 1 }, { step: 5, value: 2 }] });
    expect(sheetOf(timeline)).toEqual([
      { step: 0, phase: "first", actions: [], values: { lr: 1 } },
      { step: 5, phase: "second", actions: [], values: { lr: 2, beta: 0 } },
      { step: 7, phase: null, actions: ["anchor:red"], values: {} },
    ]);
    expect(() => parseTimeline({ length: 1, steps: [], columns: { lr: { values: [], keyframes: [[0]] } } })).toThrow(/value of a keyframe/);
  });
});
