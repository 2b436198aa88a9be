import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CARD_DELAY_MS, HoverWatch, LEAVE_GRACE_MS, type Hover } from "./hover";

let seen: Hover[] = [];
const watch = () => new HoverWatch((hover) => seen.push(hover));
const last = () => seen.at(-1);
beforeEach(() => {
  seen = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it("rings at once and shows the card after a rest", () => {
  watch().point(5);
  expect(last()).toEqual({ ring: 5, card: null });
  vi.advanceTimersByTime(CARD_DELAY_MS - 1);
  expect(last()?.card).toBeNull();
  vi.advanceTimersByTime(1);
  expect(last()).toEqual({ ring: 5, card: 5 });
});

it("shows no card of points that are only passed over", () => {
  const hover = watch();
  for (const id of [1, 2, 3]) {
    hover.point(id);
    vi.advanceTimersByTime(CARD_DELAY_MS / 2);
  }
  expect(seen.some(({ card }) => card !== null)).toBe(false);
});

it("keeps the card for a moment after the pointer has left, and for good when it is back", () => {
  const hover = watch();
  hover.point(5);
  vi.advanceTimersByTime(CARD_DELAY_MS);
  hover.point(null);
  vi.advanceTimersByTime(LEAVE_GRACE_MS - 1);
  expect(last()).toEqual({ ring: null, card: 5 });
  hover.point(5);
  vi.advanceTimersByTime(10_000);
  expect(last()).toEqual({ ring: 5, card: 5 });
  hover.point(null);
  vi.advanceTimersByTime(LEAVE_GRACE_MS);
  expect(last()).toEqual({ ring: null, card: null });
});

it("moves the open card to the next point, which rings at once", () => {
  const hover = watch();
  hover.point(5);
  vi.advanceTimersByTime(CARD_DELAY_MS);
  hover.point(6);
  expect(last()).toEqual({ ring: 6, card: 5 });
  vi.advanceTimersByTime(CARD_DELAY_MS);
  expect(last()).toEqual({ ring: 6, card: 6 });
  hover.clear();
  vi.advanceTimersByTime(10_000);
  expect(last()).toEqual({ ring: null, card: null });
});
