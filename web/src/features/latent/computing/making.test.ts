import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cancelComputation, getComputation, listComputations, requestArtifact, type Computation } from "@/api/computations";
import { Problem } from "@/api/problem";
import type { Session } from "@/features/session/session";
import { EMPTY_RUN, type RunState } from "@/lib/runState";
import { Store } from "@/lib/store";
import { makingOf } from "./making";

vi.mock("@/api/computations");
const [request, get, listing, cancel] = [vi.mocked(requestArtifact), vi.mocked(getComputation), vi.mocked(listComputations), vi.mocked(cancelComputation)];

function session(): Session {
  const detail = { artifacts: [{ kind: "latent_2d_umap", epochs: [5, 8], keys: {} }, { kind: "posterior_local", epochs: [8], keys: { idx: 3 } }] };
  return { runId: "run", run: new Store<RunState>(EMPTY_RUN), detail: new Store(detail), refresh: () => Promise.resolve() } as unknown as Session;
}

const computation = (state: Computation["state"], more: Partial<Computation> = {}): Computation => ({
  id: "c1", run_id: "run", what: "latent_2d_umap", keys: { epoch: 8 }, state, done: 0.4, message: "", error: null, ...more,
});

beforeEach(() => {
  vi.resetAllMocks();
  listing.mockResolvedValue([]);
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

/** Lets what was begun run to its end. */
async function ended<T>(begun: Promise<T>): Promise<T> {
  await vi.runAllTimersAsync();
  return begun;
}

it("follows what takes longer to its end, and learns what is there then", async () => {
  request.mockResolvedValue("c1");
  get.mockResolvedValueOnce(computation("running")).mockRejectedValueOnce(new Problem("away", 0)).mockResolvedValue(computation("done"));
  const here = session();
  const making = makingOf(here, ["latent_2d_umap"], 8);
  const seen: (number | null)[] = [];
  making.subscribe(() => seen.push(making.get().done));
  const [made, again] = await ended(Promise.all([making.start(), making.start()]));
  expect([made, again]).toEqual([true, false]);
  expect(request.mock.calls).toEqual([["run", "latent_2d_umap", 8]]);
  expect(seen).toEqual([null, 0.4, 1]);
  expect(here.run.get().artifacts).toEqual({ latent_2d_umap: [5, 8] });
  expect(makingOf(here, ["latent_2d_umap"], 8)).toBe(making);
});

it("says in the server's words why it failed, and can be asked again", async () => {
  const error = { what: "umap-learn is not installed", got: null, expected: null, remedy: "Install latelier[projections].", problems: [] };
  request.mockResolvedValueOnce("c1").mockRejectedValue(new Problem("this run has no such map", 409));
  get.mockResolvedValue(computation("failed", { error }));
  const making = makingOf(session(), ["latent_2d_umap"], 8);
  expect(await making.start()).toBe(false);
  expect(making.get()).toMatchObject({ state: "failed", problem: { what: "umap-learn is not installed", remedy: "Install latelier[projections]." } });
  expect(await making.start()).toBe(false);
  expect(making.get().problem?.what).toBe("this run has no such map");
});

it("joins what is under way, and only that", async () => {
  listing.mockResolvedValue([computation("running", { keys: { epoch: 5 }, id: "other" }), computation("running")]);
  get.mockResolvedValue(computation("done"));
  expect(await makingOf(session(), ["latent_2d_umap"], 8).join()).toBe(true);
  expect([request.mock.calls, get.mock.calls]).toEqual([[], [["c1"]]]);
  expect(await makingOf(session(), ["latent_2d_umap"], 13).join()).toBe(false);
});

it("is as at first after it was taken back", async () => {
  request.mockResolvedValue("c1");
  get.mockResolvedValueOnce(computation("running")).mockResolvedValue(computation("cancelled"));
  const making = makingOf(session(), ["latent_2d_umap", "knn_umap"], 8);
  const over = making.start();
  cancel.mockResolvedValue(computation("running"));
  await vi.advanceTimersByTimeAsync(1);
  expect(making.get().done).toBe(0.4);
  await making.cancel();
  expect(await ended(over)).toBe(false);
  expect([cancel.mock.calls, request.mock.calls.length]).toEqual([[["c1"]], 1]);
  expect(making.get()).toMatchObject({ state: "idle", problem: null });
});
