import { describe, expect, it } from "vitest";
import { codesOf } from "./codes";
import { legendLines } from "./legend";
import { parseSweep, parseSweeps, type Sweep } from "./sweep";
import { heatOf, sortVariants, tableCsv, usualMetric } from "./table";
import { lookParams, readLook } from "./view";
import { progressWords, tileWords, variantWords } from "./words";

const head = { sweep_id: "20261121-1-sweep", name: "colors", state: "running", reason: null, message: null, created: "2026-11-21T10:00:00Z", started: null, ended: null, executor: "ensemble", counts: { completed: 1, running: 1 }, queue_position: null, cancelling: false };
const variant = (index: number, more: object = {}) => ({ index, name: ["polar", "polar + norm", "norm"][index], slug: "s", values: { "objective.beta": index + 1 }, places: { subset: "x" }, run_id: `run-${index}`, evaluation: null, error: null, state: "completed", reason: null, message: null, step: 201, epoch: 4, total_steps: 201, ...more });
const detail = (more: object = {}) => ({
  ...head,
  definition: { map: [1, 0], axes: [{ kind: "subsets", parts: { polar: "a", norm: "b" } }] },
  layout: { kind: "groups", groups: [{ label: "1 term", indices: [0, 2] }, { label: "2 terms", indices: [1] }] },
  reference: 2,
  resumable: false,
  variants: [variant(0), variant(1, { state: "running", step: 50 }), variant(2)],
  table: {
    directions: { "val/loss": "min", "wall/ring": "min" },
    columns: ["val/loss", "wall/ring", "accuracy"],
    rows: [{ last: { "val/loss": 2, "wall/ring": 0.5 } }, { last: { "val/loss": null } }, { last: { "val/loss": 1, "wall/ring": 0.9, accuracy: 0.5 } }],
    pareto: [0, 2],
    missing: [],
  },
  wall: { map: [1, 0], reference: null, bounds: { x: [-1, 1], y: [-1, 1] }, points: 1, steps: [] },
  ...more,
});

describe("a sweep", () => {
  const sweep = parseSweep(detail());

  it("joins variants with the numbers of the table", () => {
    expect(sweep.variants[2]).toMatchObject({ name: "norm", runId: "run-2", metrics: { "val/loss": 1, "wall/ring": 0.9 } });
    expect(sweep).toMatchObject({ parts: ["polar", "norm"], reference: 2, pareto: [0, 2], directions: { "val/loss": "min" } });
  });

  it.each([
    ["a variant out of its place", { variants: [variant(1), variant(0), variant(2)] }],
    ["a row too few", { table: { ...detail().table, rows: [] } }],
    ["a direction that is none", { table: { ...detail().table, directions: { a: "up" } } }],
    ["a layout of another kind", { layout: { kind: "spiral" } }],
    ["no table", { table: null }],
  ])("is refused with %s", (_, more) => {
    expect(() => parseSweep(detail(more))).toThrow();
  });

  it("has no parts where other axes stand beside them", () => {
    const definition = { axes: [{ kind: "subsets", parts: { polar: "a" } }, { kind: "seeds" }] };
    expect(parseSweep(detail({ definition })).parts).toEqual([]);
  });

  it("is a line of the list", () => {
    expect(parseSweeps({ sweeps: [{ ...head, variants: 2 }] })[0]).toMatchObject({ id: head.sweep_id, size: 2, counts: { running: 1 } });
    expect(() => parseSweeps({ sweeps: [head] })).toThrow("variants");
  });

  it("says what the wall shows", () => {
    const lines = legendLines(sweep, "wall/ring", "common").join("\n");
    expect(lines).toContain("unit circle");
    expect(lines).toContain("in radii");
    expect(lines).toContain("◆");
  });
});

describe("the metric table", () => {
  const { variants } = parseSweep(detail());
  const order = (column: string, descending: boolean) => sortVariants(variants, column, descending).map(({ index }) => index);

  it("sorts by any column, what has no value last", () => {
    expect(order("val/loss", false)).toEqual([2, 0, 1]);
    expect(order("val/loss", true)).toEqual([0, 2, 1]);
    expect(order("variant", true)).toEqual([2, 1, 0]);
    expect(order("state", false)[0]).toBe(1);
  });

  it("colors the better end most, and marks the best", () => {
    const low = heatOf([1, 2, 3, null], "min");
    expect([low.best, low.shareOf(1), low.shareOf(3)]).toEqual([1, 1, 0]);
    const high = heatOf([1, 2, 3], "max");
    expect([high.best, high.shareOf(3), high.shareOf(1)]).toEqual([3, 1, 0]);
    expect(heatOf([1, 2], null).best).toBeNull();
    expect([heatOf([2, 2], "min").best, heatOf([2, 2], "min").shareOf(2)]).toEqual([null, 0]);
    expect(heatOf([], "min").best).toBeNull();
  });

  it("is not washed out by one bad run", () => {
    const values = [...Array.from({ length: 19 }, (_, at) => 1 + at / 10), 1e6];
    expect(heatOf(values, "min").shareOf(1.5)).toBeGreaterThan(0.5);
    expect(heatOf(values, "min").shareOf(1e6)).toBe(0);
  });

  it("is a file with what was changed, every metric, and the front", () => {
    const lines = tableCsv(parseSweep(detail())).split("\r\n");
    expect(lines[0]).toBe("index,name,run_id,state,epoch,step,objective.beta,val/loss,wall/ring,accuracy,pareto");
    expect(lines[1]).toBe("0,polar,run-0,completed,4,201,1,2,0.5,,1");
    expect(lines[2]).toBe("1,polar + norm,run-1,running,4,50,2,,,,0");
  });

  it("shows the number that says most, unless it is not there", () => {
    expect(usualMetric({ columns: ["val/loss", "wall/ring"], directions: {} })).toBe("wall/ring");
    expect(usualMetric({ columns: ["a", "b"], directions: { missing: "min", b: "max" } })).toBe("b");
    expect(usualMetric({ columns: [], directions: {} })).toBeNull();
  });
});

describe("words", () => {
  const state = (more: object) => progressWords({ ...parseSweep(detail()), ...more } as Sweep);

  it("say how far a sweep is", () => {
    expect(state({})).toEqual({ label: "1 of 2 done", tone: "accent" });
    expect(state({ state: "failed", counts: { completed: 1, failed: 1 } })).toEqual({ label: "1 of 2 done, 1 failed", tone: "error" });
    expect(state({ state: "failed", reason: "interrupted" }).label).toContain("Interrupted");
    expect(state({ state: "created", queued: 2 }).label).toBe("Waiting, number 2");
    expect(state({ cancelling: true }).label).toContain("Stopping");
  });

  it("say how a variant stands, over its map and in a sentence", () => {
    const [done, going] = parseSweep(detail()).variants as [Sweep["variants"][0], Sweep["variants"][0]];
    expect(tileWords(done, null, true)).toBeNull();
    expect(tileWords(going, null, false)?.label).toBe("Training");
    expect(tileWords({ state: "failed", error: null }, null, true)?.tone).toBe("error");
    expect(variantWords(going, null)).toBe("Training, step 50 of 201");
    expect(variantWords({ ...done, state: "failed", message: "It broke." }, null)).toBe("It broke.");
    expect(variantWords(done, "its latents have one dimension")).toContain("one dimension");
  });
});

describe("short names", () => {
  it("are letters for the parts where names do not fit, and only then", () => {
    const names = ["polar", "polar + separate + norm"];
    expect(codesOf(names, ["polar", "separate", "norm"], 112).nameOf(names[1]!)).toBe("A B C");
    expect(codesOf(names, ["polar", "separate", "norm"], 264).parts).toEqual([]);
    expect(codesOf(names, [], 112).nameOf(names[1]!)).toBe(names[1]);
    expect(codesOf(names, ["polar"], 112).nameOf(names[1]!)).toBe(names[1]);
  });
});

describe("the address", () => {
  it("says the view, and only what is not usual of it", () => {
    const look = readLook("?view=both&metric=val%2Floss&sort=-wall%2Fring&tile=4&selected=3.9");
    expect(look).toMatchObject({ show: "both", metric: "val/loss", sort: "wall/ring", descending: true, tile: 4, selected: [3, 9] });
    expect(lookParams(look)).toEqual({ view: "both", color: null, scale: null, metric: "val/loss", sort: "-wall/ring", tile: "4", selected: "3.9" });
    expect(Object.values(lookParams(readLook(""))).every((value) => value === null)).toBe(true);
  });

  it("is not believed where it makes no sense", () => {
    expect(readLook(`?view=x&color=y&scale=1&tile=-2&metric=${"m".repeat(500)}`)).toEqual(readLook(""));
  });
});
