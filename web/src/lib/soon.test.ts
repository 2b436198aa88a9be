import { describe, expect, it, vi } from "vitest";
import { Soon, type Clock } from "./soon";

/** A clock that stands still until it is told. */
function standing(): Clock & { tick: () => void } {
  const calls = new Map<number, () => void>();
  let next = 0;
  return {
    ask: (call) => (calls.set((next += 1), call), next),
    drop: (ticket) => void calls.delete(ticket),
    tick: () => {
      const due = [...calls.values()];
      calls.clear();
      for (const call of due) call();
    },
  };
}

describe("Soon", () => {
  it("does once what is asked for many times while updates come quickly: the last of it", () => {
    const clock = standing();
    const soon = new Soon(clock);
    const done = vi.fn();
    for (const step of [1, 2, 3]) soon.ask(() => done(step));
    expect(done).not.toHaveBeenCalled();
    clock.tick();
    expect(done.mock.calls).toEqual([[3]]);
    soon.ask(() => done(4));
    clock.tick();
    expect(done).toHaveBeenLastCalledWith(4);
  });

  it("does nothing more once it is dropped", () => {
    const clock = standing();
    const soon = new Soon(clock);
    const done = vi.fn();
    soon.ask(done);
    soon.drop();
    clock.tick();
    expect(done).not.toHaveBeenCalled();
  });
});
