import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunEvent } from "@/lib/wire";
import { Problem } from "./problem";
import { RunStream, type Connection } from "./stream";

const server = vi.hoisted(() => ({ events: [] as { id: number; type: string }[], up: true, gone: false }));

vi.mock("./runs", () => ({
  getEvents: (_: string, after: number) => {
    if (server.gone) return Promise.reject(new Problem("no such run", 404));
    if (!server.up) return Promise.reject(new TypeError("failed to fetch"));
    return Promise.resolve(server.events.filter(({ id }) => id > after));
  },
}));

/** A connection that sends what the server has, loses events at random where it may, and breaks. */
class FakeSource {
  static open: FakeSource[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  private readonly listeners = new Map<string, () => void>();
  private at: number;
  closed = false;

  constructor(url: string) {
    this.at = Number(new URL(url, "http://x").searchParams.get("after"));
    FakeSource.open.push(this);
    queueMicrotask(() => (server.up ? this.onopen?.() : this.onerror?.()));
  }

  addEventListener(type: string, listener: () => void): void {
    this.listeners.set(type, listener);
  }

  say(type: string): void {
    this.listeners.get(type)?.();
  }

  /** @param spared Whether progress events are left out, as for a slow client. */
  pump(spared: boolean): void {
    if (this.closed) return;
    for (const event of server.events) {
      if (event.id <= this.at) continue;
      this.at = event.id;
      if (!spared || event.type !== "train.progress") this.onmessage?.({ data: JSON.stringify(event) });
    }
  }

  close(): void {
    this.closed = true;
    FakeSource.open = FakeSource.open.filter((source) => source !== this);
  }
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

function listen() {
  const ids: number[] = [];
  const states: Connection[] = [];
  const stream = new RunStream("r", {
    onEvents: (events: readonly RunEvent[]) => ids.push(...events.map(({ id }) => id)),
    onConnection: (connection) => states.push(connection),
  });
  stream.open();
  return { stream, ids, states };
}

describe("RunStream", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", FakeSource);
    vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
    Object.assign(server, { events: [], up: true, gone: false });
    FakeSource.open = [];
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed + 1))("has no gap and no duplicate, whatever breaks (seed %i)", async (seed) => {
    const chance = random(seed);
    const { stream, ids } = listen();
    for (let round = 0; round < 120; round += 1) {
      const type = chance() < 0.4 ? "train.progress" : "train.metrics";
      if (chance() < 0.8) server.events.push({ id: server.events.length + 1, type });
      if (chance() < 0.1) server.up = !server.up;
      if (!server.up || chance() < 0.1) FakeSource.open[0]?.onerror?.();
      else FakeSource.open[0]?.pump(chance() < 0.3);
      await vi.advanceTimersByTimeAsync(chance() * 1500);
    }
    server.up = true;
    server.events.push({ id: server.events.length + 1, type: "run.completed" });
    await vi.advanceTimersByTimeAsync(20_000);
    FakeSource.open[0]?.pump(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ids).toEqual(server.events.map(({ id }) => id));
    stream.close();
    expect(FakeSource.open).toEqual([]);
  });

  it("keeps one connection, and says what state it is in", async () => {
    const { stream, states } = listen();
    await vi.advanceTimersByTimeAsync(10);
    expect(FakeSource.open).toHaveLength(1);
    server.up = false;
    FakeSource.open[0]?.onerror?.();
    await vi.advanceTimersByTimeAsync(3000);
    server.up = true;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(states[0]).toBe("connecting");
    expect(states).toContain("reconnecting");
    expect(states.at(-1)).toBe("connected");
    expect(FakeSource.open).toHaveLength(1);
    stream.close();
  });

  it("lets go of its connection in a tab that is hidden for long, and comes back", async () => {
    const { stream, states, ids } = listen();
    await vi.advanceTimersByTimeAsync(10);
    const page = document as unknown as { hidden: boolean } & EventTarget;
    page.hidden = true;
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(61_000);
    expect([FakeSource.open.length, states.at(-1)]).toEqual([0, "paused"]);
    server.events.push({ id: 1, type: "train.metrics" });
    page.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(100);
    expect([ids, states.at(-1)]).toEqual([[1], "connected"]);
    stream.close();
  });

  it("says that a run is gone, and stops asking", async () => {
    const { stream, states } = listen();
    await vi.advanceTimersByTimeAsync(10);
    server.gone = true;
    FakeSource.open[0]?.say("gone");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([states.at(-1), FakeSource.open.length]).toEqual(["gone", 0]);
    stream.close();
  });
});
