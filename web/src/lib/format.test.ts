import { describe, expect, it } from "vitest";
import { clock, compact, nats, steady, timeLeft } from "./format";

describe("format", () => {
  it("writes numbers, clocks and what is left", () => {
    expect([compact(0.00015), compact(1234567), compact(34.7123), compact(null)]).toEqual(["1.5e−4", "1.2e6", "34.71", "–"]);
    expect([nats(1.2e-11), nats(0), nats(0.5), nats(null)]).toEqual(["<0.001", "0", "0.500", "–"]);
    expect([steady(34.6), steady(0.5), steady(1980)]).toEqual(["34.60", "0.500", "1,980"]);
    expect([clock(44), clock(3723), clock(null)]).toEqual(["0:44", "1:02:03", "–"]);
    expect([timeLeft(2), timeLeft(31), timeLeft(null)]).toEqual(["a few seconds left", "about 35 s left", null]);
  });
});
