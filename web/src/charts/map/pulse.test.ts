import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Pulse } from "./pulse";

const screen: FrameRequestCallback[] = [];
const next = () => screen.splice(0).forEach((call) => call(performance.now()));

beforeEach(() => {
  screen.length = 0;
  vi.stubGlobal("requestAnimationFrame", (call: FrameRequestCallback) => screen.push(call));
  vi.stubGlobal("cancelAnimationFrame", () => (screen.length = 0));
});
afterEach(() => void vi.unstubAllGlobals());

const open = (...answers: (boolean | null)[]) => {
  const host = { dataset: {} } as HTMLElement;
  const paint = vi.fn(() => answers.shift() ?? null);
  return { host, paint, pulse: new Pulse(host, paint) };
};

it("draws once for many changes, and on as long as something moves", () => {
  const { host, paint, pulse } = open(true, true, false);
  for (let at = 0; at < 5; at += 1) pulse.draw();
  expect([paint.mock.calls.length, pulse.isDue]).toEqual([0, true]);
  for (const [calls, moving] of [[1, "true"], [2, "true"], [3, "false"]] as const) {
    next();
    expect([paint.mock.calls.length, host.dataset.moving, host.dataset.ready]).toEqual([calls, moving, "true"]);
  }
  expect(pulse.isDue).toBe(false);
});

it("is not ready before there is something to draw", () => {
  const { host, pulse } = open(null, false);
  pulse.draw();
  next();
  expect([host.dataset.ready, pulse.isDue]).toEqual([undefined, false]);
  pulse.drawAtOnce();
  expect([host.dataset.ready, host.dataset.moving]).toEqual(["true", "false"]);
});

it("moves from the moment on that something new is to be shown", () => {
  const { host, pulse } = open(false, false);
  pulse.draw();
  next();
  expect(host.dataset.moving).toBe("false");
  pulse.begin();
  expect(host.dataset.moving).toBe("true");
  next();
  expect(host.dataset.moving).toBe("false");
});

it("draws nothing after it was stopped", () => {
  const { paint, pulse } = open(false);
  pulse.draw();
  pulse.stop();
  pulse.draw();
  next();
  expect(paint).not.toHaveBeenCalled();
});
