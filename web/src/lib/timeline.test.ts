import { describe, expect, it } from "vitest";
import { columnAt, parseTimeline } from "./timeline";

describe("timeline", () => {
  it("reads the schedule at any step", () => {
    const timeline = parseTimeline({ length: 10, steps: [0, 5, 9], columns: { lr: { values: [3, 2, null] } }, phases: [{ name: "p", start: 0, end: 9 }] });
    expect([0, 4, 5, 9].map((step) => columnAt(timeline, "lr", step))).toEqual([3, 3, 2, null]);
    expect(() => parseTimeline({ length: 1, steps: [0], columns: { lr: { values: [] } } })).toThrow(/as long as steps/);
  });
});
