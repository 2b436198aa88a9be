import { describe, expect, it } from "vitest";
import { EMPTY_TABLE, TableDraft, valueAt } from "./metrics";

function table() {
  const draft = new TableDraft(EMPTY_TABLE);
  draft.merge(2, 20, { a: 2 });
  draft.merge(0, 0, { a: 0, b: 5 });
  draft.merge(2, 20, { b: 7 });
  return draft.finish();
}

describe("TableDraft", () => {
  it("keeps x rising and columns as long as x", () => {
    expect(table()).toEqual({ x: [0, 2], step: [0, 20], columns: { a: [0, 2], b: [5, 7] } });
  });

  it("drops rows by their step, in every column", () => {
    const draft = new TableDraft(table());
    draft.keep((step) => step < 20);
    expect(draft.finish()).toEqual({ x: [0], step: [0], columns: { a: [0], b: [5] } });
  });
});

describe("valueAt", () => {
  it("gives the value there, or the last one before", () => {
    expect(valueAt(table(), "a", 2)).toBe(2);
    expect(valueAt(table(), "a", 1)).toBe(0);
    expect(valueAt(table(), "a", 99)).toBe(2);
    expect(valueAt(table(), "none", 1)).toBeNull();
  });

  it("looks past rows that lack it", () => {
    const draft = new TableDraft(table());
    draft.merge(3, 30, { b: 1 });
    expect(valueAt(draft.finish(), "a", 3)).toBe(2);
  });
});
