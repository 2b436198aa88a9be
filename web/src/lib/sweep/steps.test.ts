import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nearestStep, StepStore } from "./steps";

describe("the scrubber of a sweep", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("follows the newest picture until it is touched", () => {
    const store = new StepStore(null);
    store.grow([0, 10]);
    store.grow([0, 10, 20]);
    expect(store.get()).toMatchObject({ step: 20, following: true });
    store.by(-1);
    store.grow([0, 10, 20, 30]);
    expect(store.get()).toMatchObject({ step: 10, following: false });
    store.follow();
    expect(store.get().step).toBe(30);
  });

  it("stays at its step when a picture comes before it", () => {
    const store = new StepStore(20);
    store.grow([0, 20, 40]);
    store.by(0);
    store.grow([0, 10, 20, 30, 40]);
    expect(store.get().step).toBe(20);
  });

  it("goes to the step of the address as soon as it is there, by way of the nearest", () => {
    const store = new StepStore(30);
    store.grow([0, 10]);
    expect(store.get()).toMatchObject({ step: 10, following: false });
    store.grow([0, 10, 20, 30, 40]);
    expect(store.get().step).toBe(30);
  });

  it("gives up a step of the address that will never be", () => {
    const store = new StepStore(500);
    store.grow([0, 10]);
    expect(store.within(500)).toBeNull();
    expect(store.within(100)).toBe(500);
    expect(store.get()).toMatchObject({ step: 10, following: true });
    expect(store.within(100)).toBeNull();
  });

  it("plays to the end, and from the start when it stands there", () => {
    const store = new StepStore(null);
    store.grow([0, 10, 20]);
    store.toggle();
    expect(store.get()).toMatchObject({ step: 0, playing: true, following: false });
    vi.advanceTimersByTime(2000);
    expect(store.get()).toMatchObject({ step: 20, playing: false });
  });

  it("does not go beyond its ends, nor play what is one picture", () => {
    const store = new StepStore(null);
    store.by(1);
    expect(store.get().step).toBeNull();
    store.grow([5]);
    store.by(-3);
    store.toggle();
    expect(store.get()).toMatchObject({ step: 5, playing: false });
  });
});

it("finds the nearest step", () => {
  expect(nearestStep([0, 200, 400], 290)).toBe(200);
  expect(nearestStep([0, 200, 400], 9000)).toBe(400);
  expect(nearestStep([], 7)).toBe(7);
});
