import { expect, it } from "vitest";
import { checkpointAt, checkpointsOf, computableOf } from "./computable";

const DETAIL = { computable: ["posterior_local", 3], checkpoints: [{ epoch: 10, step: 100 }, { epoch: 0 }, {}] };

it("knows what a run can make, and from which checkpoint", () => {
  expect(computableOf(DETAIL)).toEqual(["posterior_local"]);
  expect(checkpointsOf(DETAIL)).toEqual([0, 10]);
  expect([0, 9, 10, 99].map((epoch) => checkpointAt(DETAIL, epoch))).toEqual([0, 0, 10, 10]);
});

it("offers nothing of a run that says nothing", () => {
  expect(computableOf(null)).toEqual([]);
  expect(computableOf({ computable: "all" })).toEqual([]);
  expect(checkpointAt({ checkpoints: [{ epoch: 5 }] }, 4)).toBeNull();
  expect(checkpointAt(null, 4)).toBeNull();
});
