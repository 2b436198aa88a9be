import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EpochStore } from "./epoch";

describe("EpochStore", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("follows the newest epoch until it is touched, and again when asked", () => {
    const store = new EpochStore(null);
    store.grow(5);
    expect(store.get()).toMatchObject({ epoch: 5, following: true });
    store.step(-1);
    store.grow(6);
    expect(store.get()).toMatchObject({ epoch: 4, following: false, newest: 6 });
    store.follow();
    expect(store.get()).toMatchObject({ epoch: 6, following: true });
  });

  it("keeps the epoch of the address, even before that epoch has come", () => {
    const store = new EpochStore(3);
    store.grow(1);
    expect(store.get()).toMatchObject({ epoch: 3, following: false });
  });

  it("comes back from an epoch that the run will never have, and says which that was", () => {
    const store = new EpochStore(99);
    store.grow(6);
    expect(store.within(120)).toBeNull();
    expect(store.get()).toMatchObject({ epoch: 99, following: false });
    expect(store.within(6)).toBe(99);
    expect(store.get()).toMatchObject({ epoch: 6, following: true });
    expect(store.within(6)).toBeNull();
  });

  it("stays between the first and the newest epoch", () => {
    const store = new EpochStore(null);
    store.grow(4);
    store.go(99);
    expect(store.get().epoch).toBe(4);
    store.go(-3);
    expect(store.get().epoch).toBe(0);
  });

  it("plays from the start when it stands at the end, and stops there", () => {
    const store = new EpochStore(null);
    store.grow(3);
    store.toggle();
    expect(store.get()).toMatchObject({ epoch: 0, playing: true });
    vi.advanceTimersByTime(5000);
    expect(store.get()).toMatchObject({ epoch: 3, playing: false });
  });

  it("stops playing when it is touched", () => {
    const store = new EpochStore(null);
    store.grow(50);
    store.play();
    vi.advanceTimersByTime(600);
    store.go(7);
    vi.advanceTimersByTime(2000);
    expect(store.get()).toMatchObject({ epoch: 7, playing: false });
  });
  it("stops inside epochs where there is something to show, and steps from place to place", () => {
    const store = new EpochStore(null);
    store.grow(2);
    store.stopAt([0.4, 1.6]);
    expect(store.get()).toMatchObject({ epoch: 2, at: 2, inside: false, fine: true });
    store.step(-1);
    expect(store.get()).toMatchObject({ epoch: 1, at: 1.6, inside: true, following: false });
    store.go(0.5);
    expect(store.get()).toMatchObject({ epoch: 0, at: 0.4 });
    store.step(1);
    expect(store.get()).toMatchObject({ epoch: 1, at: 1, inside: false });
    store.go(1.6);
    store.stopAt([]);
    expect(store.get()).toMatchObject({ epoch: 1, at: 1, inside: false, fine: false });
  });

  it("follows what is newest inside an epoch too, and plays through all", () => {
    const store = new EpochStore(null);
    store.grow(1);
    store.stopAt([0.5, 1.25]);
    expect(store.get()).toMatchObject({ epoch: 1, at: 1.25, inside: true, following: true });
    const seen: number[] = [];
    store.subscribe(() => seen.push(store.get().at));
    store.play();
    vi.advanceTimersByTime(5000);
    expect([...new Set(seen)]).toEqual([0, 0.5, 1, 1.25]);
    expect(store.get().playing).toBe(false);
  });

  it("keeps a place of the address inside an epoch, until it is touched", () => {
    const store = new EpochStore(3.4);
    expect(store.get()).toMatchObject({ epoch: 3, at: 3.4, inside: true, following: false });
    store.grow(1);
    store.stopAt([0.4]);
    expect(store.get()).toMatchObject({ epoch: 3, at: 3.4 });
  });

  it("stands at the end of a last epoch that is a part of one", () => {
    const store = new EpochStore(null);
    store.measure(2.25);
    store.grow(3);
    expect(store.get()).toMatchObject({ epoch: 3, at: 2.25, inside: false });
    store.go(2.1);
    expect(store.get()).toMatchObject({ epoch: 2, at: 2 });
    store.go(9);
    expect(store.get()).toMatchObject({ epoch: 3, at: 2.25 });
  });
});
