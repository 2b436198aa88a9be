import { afterEach, expect, it, vi } from "vitest";
import { loadFrame, peekFrame, type FrameAddress } from "./frames";
import type { Problem } from "./problem";
import { buffersOf } from "./reading";

const CHURN = { dataset_idx: [1, 2], churn: [0.5, null], mean: 0.5 };
let run = 0;
const at = (epoch: number, revision = 1): FrameAddress<"neighbor_churn"> => ({ runId: `run-${run}`, kind: "neighbor_churn", epoch, revision });
const answer = (status: number, body: unknown) => vi.fn(() => Promise.resolve(new Response(typeof body === "string" ? body : JSON.stringify(body), { status })));

afterEach(() => {
  run += 1;
  vi.unstubAllGlobals();
});

it("reads a file once, and again when it was rewritten", async () => {
  const fetching = answer(200, CHURN);
  vi.stubGlobal("fetch", fetching);
  expect(peekFrame(at(3))).toBeNull();
  const churn = await loadFrame(at(3));
  expect([...churn.churn]).toEqual([0.5, Number.NaN]);
  expect(await loadFrame(at(3))).toBe(churn);
  expect(peekFrame(at(3))).toBe(churn);
  expect(fetching).toHaveBeenCalledTimes(1);
  await loadFrame(at(3, 2));
  expect(fetching).toHaveBeenCalledTimes(2);
});

it("says what is wrong, and asks anew the next time", async () => {
  const problem = (epoch: number) => loadFrame(at(epoch)).then(() => null, (reason: unknown) => reason as Problem);
  vi.stubGlobal("fetch", answer(404, { error: { what: "no such file", remedy: "Wait." } }));
  expect(await problem(1)).toMatchObject({ status: 404, what: "Neighbor churn, epoch 1: the file is gone." });
  vi.stubGlobal("fetch", answer(503, { error: { what: "too busy", remedy: "Wait." } }));
  expect(await problem(1)).toMatchObject({ status: 503, what: "too busy", remedy: "Wait." });
  vi.stubGlobal("fetch", answer(200, { ...CHURN, churn: [1] }));
  expect((await problem(1))?.what).toContain("churn has 1 rows, not 2");
  vi.stubGlobal("fetch", answer(200, "{ torn"));
  expect((await problem(1))?.what).toContain("not JSON");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  expect((await problem(1))?.isOffline).toBe(true);
  vi.stubGlobal("fetch", answer(200, CHURN));
  expect(await problem(1)).toBeNull();
});

it("finds every buffer once", () => {
  const shared = new Float32Array(2);
  expect(buffersOf({ a: shared, b: { c: [new Int32Array(1), shared] }, d: null, e: "x" })).toHaveLength(2);
});
