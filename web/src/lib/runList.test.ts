import { describe, expect, it } from "vitest";
import { keepUnchanged, runFilter, sortRuns, type ListedRun } from "./runList";

const run = (run_id: string, extra: Partial<ListedRun> = {}): ListedRun => ({ run_id, display_name: run_id, model_kind: "vae", dataset: "digits", state: "completed", epoch: 1, ...extra });

describe("lists of runs", () => {
  it("puts rows without a value last either way", () => {
    const runs = [run("a"), run("b", { best_metrics: { "val/loss": 2 } }), run("c", { best_metrics: { "val/loss": 1 } })];
    expect(sortRuns(runs, "best", false).map((row) => row.run_id)).toEqual(["c", "b", "a"]);
    expect(sortRuns(runs, "best", true).map((row) => row.run_id)).toEqual(["b", "c", "a"]);
  });

  it("gives a run that cannot be read its place by the time in its id", () => {
    const old = run("20261120-000000-x", { state: "unreadable", created: null });
    const runs = [old, run("20261121-080000-a", { created: "2026-11-21T08:00:00Z" }), run("20261119-080000-b", { created: "2026-11-19T08:00:00Z" }), run("odd", { created: null })];
    expect(sortRuns(runs, "created", true).map((row) => row.run_id)).toEqual(["20261121-080000-a", "20261120-000000-x", "20261119-080000-b", "odd"]);
  });

  it("filters by regular expression, and takes a broken one as it is", () => {
    expect(runFilter("^dig").test(run("x"))).toBe(true);
    expect(runFilter("^igits").test(run("x"))).toBe(false);
    expect(runFilter("a(").literal).toBe(true);
    expect(runFilter("a(").test(run("A(1)"))).toBe(true);
  });

  it("keeps the objects of rows that did not change", () => {
    const [a, b] = [run("a"), run("b")];
    const merged = keepUnchanged([a, b], [run("a"), run("b", { epoch: 2 })]);
    expect(merged[0]).toBe(a);
    expect(merged[1]).not.toBe(b);
    const same = [a, b];
    expect(keepUnchanged(same, [run("a"), run("b")])).toBe(same);
  });
});
