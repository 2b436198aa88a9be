import { beforeEach, expect, it, vi } from "vitest";
import type { Session } from "@/features/session/session";
import { Problem } from "@/api/problem";
import { EpochStore } from "@/lib/epoch";
import { EMPTY_RUN, type RunState } from "@/lib/runState";
import { Store } from "@/lib/store";
import { FrameFeed } from "./frameFeed";

const disk = vi.hoisted(() => ({ kept: new Map<number, object>(), up: true }));

vi.mock("@/api/frames", () => ({
  peekFrame: ({ epoch }: { epoch: number }) => disk.kept.get(epoch) ?? null,
  loadFrame: ({ epoch }: { epoch: number }) => {
    if (!disk.up) return Promise.reject(new Problem("away", 0));
    disk.kept.set(epoch, { epoch });
    return Promise.resolve(disk.kept.get(epoch));
  },
}));

function open(epochs: readonly number[]) {
  const run = new Store<RunState>({ ...EMPTY_RUN, artifacts: { latent_2d_pca: epochs } });
  const epoch = new EpochStore(0);
  epoch.grow(9);
  const link = new Store({ connection: "connected", problem: null });
  const feed = new FrameFeed({ runId: "r", run, epoch, link } as unknown as Session, "latent_2d_pca", 0);
  let changes = 0;
  feed.subscribe(() => (changes += 1));
  return { feed, run, epoch, link, close: feed.open(), changes: () => changes };
}
const soon = () => new Promise((done) => setTimeout(done, 0));

beforeEach(() => {
  disk.kept.clear();
  disk.up = true;
});

it("changes once for each move of the scrubber, at once where the file is in memory", async () => {
  const { feed, epoch, close, changes } = open([0, 1, 2]);
  await soon();
  expect(feed.get()).toMatchObject({ epoch: 0, state: "ready" });
  const before = changes();
  epoch.go(1);
  expect([feed.get().epoch, changes()]).toEqual([0, before]); // the old map stays until the new one is there
  await soon();
  expect([feed.get().epoch, changes()]).toEqual([1, before + 1]);
  epoch.go(0);
  expect([feed.get().epoch, changes()]).toEqual([0, before + 2]);
  epoch.go(0);
  expect(changes()).toBe(before + 2);
  close();
  epoch.go(2);
  await soon();
  expect(feed.get().epoch).toBe(0);
});

it("shows the epoch at which the scrubber rests, however fast it went there", async () => {
  const { feed, epoch } = open([0, 1, 2, 3, 4, 5]);
  for (const at of [1, 2, 3, 5]) epoch.go(at);
  await soon();
  expect(feed.get()).toMatchObject({ epoch: 5, state: "ready" });
});

it("says that there is none, and takes the first that comes", async () => {
  const { feed, run } = open([]);
  expect(feed.get().state).toBe("none");
  run.set({ ...run.get(), artifacts: { latent_2d_pca: [0] } });
  await soon();
  expect(feed.get()).toMatchObject({ epoch: 0, state: "ready" });
});

it("keeps what it has while the server is away, and goes on when it is back", async () => {
  const { feed, epoch, link } = open([0, 1]);
  await soon();
  disk.up = false;
  epoch.go(1);
  await soon();
  expect(feed.get()).toMatchObject({ epoch: 0, state: "failed" });
  disk.up = true;
  link.set({ connection: "connecting", problem: null });
  await soon();
  expect(feed.get()).toMatchObject({ epoch: 1, state: "ready", problem: null });
});
