import { afterEach, expect, it, vi } from "vitest";
import { DROPPED } from "@/lib/turns";
import { computationEnd } from "./computationEnd";
import { makeArtifact, makeSheet, parseMade } from "./makeArtifact";
import { Problem } from "./problem";

vi.mock("./computationEnd");
const end = vi.mocked(computationEnd);

class Reader {
  result = "data:image/png;base64,AA==";
  onload: (() => void) | null = null;
  readAsDataURL() {
    queueMicrotask(() => this.onload?.());
  }
}

const calls: (readonly [string, string])[] = [];
let posts: () => Response;
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const made = (keys: unknown) => () => json({ kind: "posterior_local", keys, state: "done", cached: false, compute_ms: 12 });

function serve(answer: () => Response) {
  posts = answer;
  calls.length = 0;
  vi.stubGlobal("FileReader", Reader);
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    calls.push([init.method ?? "GET", url]);
    return Promise.resolve(init.method === "POST" ? posts() : url.includes("_image") ? new Response("png") : json({ m: 4 }));
  });
}

afterEach(() => vi.unstubAllGlobals());
const parse = (value: unknown) => (value as { m: number }).m;

it("makes a sheet, then reads what was made, options included", async () => {
  serve(made({ epoch: 3, idx: 5, m: 4 }));
  const sheet = await makeSheet("run", "posterior_local", { epoch: 3, idx: 5, m: 4, seed: 2 }, parse).loading;
  expect(sheet).toMatchObject({ data: 4, image: "data:image/png;base64,AA==", keys: { epoch: 3, idx: 5, m: 4, seed: 2 } });
  expect(calls[0]).toEqual(["POST", "/api/runs/run/artifacts/posterior_local"]);
  expect(calls.slice(1).every(([method, url]) => method === "GET" && url.includes("seed=2") && url.includes("idx=5"))).toBe(true);
  const again = await makeSheet("run", "posterior_local", { epoch: 3, idx: 5, m: 4, seed: 2 }, parse).loading;
  expect([again, calls.length]).toEqual([sheet, 3]);
});

it("says in the server's words why not, and asks anew the next time", async () => {
  serve(() => json({ error: { what: "no such component", got: "12", expected: "0 to 9", remedy: null } }, 422));
  const wish = { epoch: 1, c: 12, m: 4 };
  const refused = await makeSheet("run", "prior_component", wish, parse).loading.catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(Problem);
  expect(refused).toMatchObject({ what: "no such component: 12", status: 422, remedy: "Expected: 0 to 9." });
  posts = made({ epoch: 1, c: 12, m: 4 });
  await expect(makeSheet("run", "prior_component", wish, parse).loading).resolves.toMatchObject({ data: 4 });
});

it("tells a damaged file and an absent server apart", async () => {
  serve(made({}));
  const broken = () => {
    throw new Error("m is not a number");
  };
  await expect(makeSheet("run", "traversal", { epoch: 9 }, broken).loading).rejects.toMatchObject({ what: "The file of traversal is damaged: m is not a number." });
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await expect(makeArtifact("run", "traversal", { epoch: 9 })).rejects.toMatchObject({ status: 0 });
});

it("waits for the computation that an answer names, then asks again", async () => {
  const running = () => json({ kind: "decode_point", keys: {}, state: "running", cached: false, computation: "c7" }, 202);
  serve(running);
  end.mockImplementation(() => {
    posts = made({ epoch: 2 });
    return Promise.resolve(true);
  });
  await expect(makeSheet("run", "decode_point", { epoch: 2, u: 1 }, parse).loading).resolves.toMatchObject({ data: 4 });
  expect(end).toHaveBeenCalledWith("c7", expect.any(Function));
  expect(calls.filter(([method]) => method === "POST")).toHaveLength(2);
  serve(running);
  end.mockResolvedValue(false);
  await expect(makeSheet("run", "decode_point", { epoch: 2, u: 2 }, parse).loading).rejects.toMatchObject({ what: "It was cancelled before it was made." });
  const order = makeSheet("run", "decode_point", { epoch: 2, u: 3 }, parse);
  end.mockImplementation(() => {
    order.leave();
    return Promise.resolve(false);
  });
  await expect(order.loading).rejects.toBe(DROPPED);
});

it("asks little at once, and nothing for whom nobody waits", async () => {
  serve(made({}));
  const orders = [1, 2, 3, 4].map((idx) => makeSheet("run", "posterior_local", { epoch: 7, idx, m: 4 }, parse));
  orders[2]?.leave();
  await Promise.all([orders[0]?.loading, orders[1]?.loading, orders[3]?.loading]);
  await expect(orders[2]?.loading).rejects.toBeDefined();
  expect(calls.filter(([method]) => method === "POST")).toHaveLength(3);
});

it("reads an answer, and refuses another form", () => {
  expect(parseMade({ kind: "umap", state: "running", keys: { epoch: 1, deep: {} } })).toEqual({ kind: "umap", keys: { epoch: 1 }, state: "running", cached: false, computeMs: null, computation: null });
  expect(() => parseMade({ keys: {} })).toThrow(/kind/);
});

it("asks for no picture of a kind that has none", async () => {
  serve(made({ epoch: 4, strength: 600 }));
  const sheet = await makeSheet("run", "interventions", { epoch: 4, strength: 600 }, parse, false).loading;
  expect(sheet).toMatchObject({ data: 4, image: null });
  expect(calls.map(([method, url]) => [method, url.split("?")[0]?.split("/").at(-1)])).toEqual([["POST", "interventions"], ["GET", "interventions"]]);
});
