import { describe, expect, it } from "vitest";
import { reduceEvents } from "./events";
import { EMPTY_RUN, newestEpoch, nearestEpoch } from "./runState";
import type { RunEvent } from "./wire";

let id = 0;
function event(type: string, data: object, at: { step?: number; epoch?: number } = {}): RunEvent {
  id += 1;
  return { v: 1, id, type, time: "2026-11-21T08:00:00.000Z", run_id: "r", step: at.step ?? 0, epoch: at.epoch ?? 0, data } as unknown as RunEvent;
}

function steps(from: number, values: number[]): RunEvent {
  const step = values.map((_, index) => from + index);
  return event("train.metrics", { scope: "steps", step, "train/loss": values }, { step: from + values.length });
}

function story(): RunEvent[] {
  id = 0;
  return [
    event("run.created", { name: "", model_kind: "vae", dataset: "digits", version: "0" }),
    event("run.started", { total_steps: 20, total_epochs: 2, steps_per_epoch: 10, capabilities: ["encode"] }),
    event("train.metrics", { scope: "epoch", "val/loss": 9 }),
    event("phase.started", { phase: "warm-up" }),
    steps(0, [5, 4, 3, 2, 1, 5, 4, 3, 2, 1]),
    event("train.metrics", { scope: "epoch", "train/loss": 3 }, { step: 10, epoch: 1 }),
    event("train.metrics", { scope: "epoch", "val/loss": 4 }, { step: 10, epoch: 1 }),
    event("artifact.created", { kind: "scores", path: "scores/scores_epoch_1.json", keys: { epoch: 1 }, media_type: "", bytes: 1 }, { step: 10, epoch: 1 }),
    steps(10, [1, 1, 1]),
    event("run.cancelled", {}, { step: 13, epoch: 1 }),
  ];
}

describe("reduceEvents", () => {
  it("makes the same state whatever the batches", () => {
    const events = story();
    const whole = reduceEvents(EMPTY_RUN, events);
    const single = events.reduce((run, one) => reduceEvents(run, [one]), EMPTY_RUN);
    const halves = reduceEvents(reduceEvents(EMPTY_RUN, events.slice(0, 5)), events.slice(5));
    expect(single).toEqual(whole);
    expect(halves).toEqual(whole);
  });

  it("stays where the run has come to when an answer about an earlier epoch is written", () => {
    const done = reduceEvents(EMPTY_RUN, [...story(), event("run.completed", {}, { step: 40, epoch: 4 })]);
    const keys = { epoch: 2, idx: 5, m: 8 };
    const asked = event("artifact.created", { kind: "posterior_local", path: "samples/a.json", keys }, { step: 20, epoch: 2 });
    expect(reduceEvents(done, [asked])).toMatchObject({ step: 40, epoch: 4, status: "completed" });
    const resumed = event("run.resumed", { from_step: 30 }, { step: 30, epoch: 3 });
    expect(reduceEvents(done, [asked, resumed])).toMatchObject({ step: 30, epoch: 3, status: "running" });
  });

  it("changes nothing for events that it has seen", () => {
    const events = story();
    const once = reduceEvents(EMPTY_RUN, events);
    expect(reduceEvents(once, events)).toBe(once);
    expect(reduceEvents(once, events.slice(3))).toBe(once);
  });

  it("leaves the state it was given as it was", () => {
    const before = reduceEvents(EMPTY_RUN, story().slice(0, 6));
    const copy = structuredClone(before);
    reduceEvents(before, story().slice(6));
    expect(before).toEqual(copy);
  });

  it("merges rows of one epoch and counts updates", () => {
    const run = reduceEvents(EMPTY_RUN, story());
    expect(run.epochs.x).toEqual([0, 1]);
    expect(run.epochs.columns["val/loss"]).toEqual([9, 4]);
    expect(run.epochs.columns["train/loss"]).toEqual([null, 3]);
    expect(run.steps.x).toHaveLength(13);
    expect(run.status).toBe("cancelled");
    expect(run.phases).toEqual([{ name: "warm-up", step: 0 }]);
  });

  it("leaves out what is a list per row: curves are of single numbers", () => {
    const row = event("train.metrics", { scope: "epoch", "val/loss": 1, counts: [1, 2] });
    const many = event("train.metrics", { scope: "steps", step: [0, 1], loss: [1, 2], counts: [[1], [2]] });
    const run = reduceEvents(EMPTY_RUN, [row, many]);
    expect(Object.keys(run.epochs.columns)).toEqual(["val/loss"]);
    expect(Object.keys(run.steps.columns)).toEqual(["loss"]);
  });

  it("takes back what a resumption takes back, and keeps the epoch that ended there", () => {
    const before = reduceEvents(EMPTY_RUN, story());
    const run = reduceEvents(before, [event("run.resumed", { from_step: 10 }, { step: 10, epoch: 1 }), steps(10, [0.5])]);
    expect(run.status).toBe("running");
    expect(run.steps.x.at(-1)).toBe(10);
    expect(run.steps.columns["train/loss"]?.at(-1)).toBe(0.5);
    expect(run.epochs.x).toEqual([0, 1]);
    const earlier = reduceEvents(before, [event("run.resumed", { from_step: 5 })]);
    expect(earlier.epochs.x).toEqual([0]);
    expect(earlier.steps.x).toEqual([0, 1, 2, 3, 4]);
  });

  it("keeps artifacts by kind and epoch, rising, and leaves out frames inside an epoch", () => {
    const made = (keys: object) => event("artifact.created", { kind: "latent_2d_pca", path: "p", keys, media_type: "", bytes: 1 });
    const run = reduceEvents(EMPTY_RUN, [made({ epoch: 3 }), made({ epoch: 1 }), made({ epoch: 3 }), made({ epoch: 1, step: 7 })]);
    expect(run.artifacts.latent_2d_pca).toEqual([1, 3]);
    expect(nearestEpoch(run, "latent_2d_pca", 2)).toBe(1);
    expect(nearestEpoch(run, "latent_2d_pca", 0)).toBeNull();
    expect(newestEpoch(run)).toBe(3);
  });

  it("tells why a run failed, and forgets it when it goes on", () => {
    const failed = reduceEvents(EMPTY_RUN, [event("run.failed", { reason: "non_finite", message: "loss is nan", terms: ["loss"] })]);
    expect(failed.failure).toEqual({ reason: "non_finite", message: "loss is nan", terms: ["loss"] });
    expect(failed.log.at(-1)?.tone).toBe("error");
    expect(reduceEvents(failed, [event("run.resumed", { from_step: 0 })]).failure).toBeNull();
  });

  it("passes over a type that a later server added", () => {
    const run = reduceEvents(EMPTY_RUN, [event("run.painted", { color: "blue" })]);
    expect(run.lastId).toBe(id);
    expect(run.log.at(-1)?.text).toBe("run.painted");
  });

  it("replays 10,000 events in a fraction of a second", () => {
    id = 0;
    const many = Array.from({ length: 10_000 }, (_, at) => steps(at * 10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    const began = performance.now();
    const run = reduceEvents(EMPTY_RUN, many);
    expect(run.steps.x).toHaveLength(100_000);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

it("tells how far a slow map is, until it is there", () => {
  id = 0;
  const half = reduceEvents(EMPTY_RUN, [event("projection.progress", { method: "umap", done: 0.5 }, { epoch: 8 })]);
  expect(half.projection).toEqual({ method: "umap", epoch: 8, done: 0.5 });
  expect(reduceEvents(half, [event("projection.progress", { method: "umap", done: 1 }, { epoch: 8 })]).projection).toBeNull();
});
