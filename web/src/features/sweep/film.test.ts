import { beforeEach, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { loadPoints, loadWall } from "@/api/wall";
import { parsePoints, type Calendar, type WallFrame } from "@/lib/sweep/wall";
import { WallFilm } from "./film";

vi.mock("@/api/wall", () => ({ loadPoints: vi.fn(), loadWall: vi.fn() }));

const points = parsePoints({ points: [{ dataset_idx: [4, 5], label: null, color: null }] });
const calendar = (...versions: number[]): Calendar => ({ map: "pca", bounds: { x: [-1, 1], y: [-1, 1] }, sets: 1, steps: versions.map((version, at) => ({ step: at * 10, epoch: 0, variants: 1, version })) });
const frame = (step: number, version: number): WallFrame => ({ step, epoch: 0, version, tiles: [{ step, epoch: 0, set: 0, places: Float32Array.of(0, 0, step, 1), residual: null, ring: null }], why: [null], computeMs: null });
const settle = () => vi.waitFor(() => expect(inFlight).toBe(0));
let inFlight = 0;
let version = 1;
let broken: ReadonlySet<number | string> = new Set();

beforeEach(() => {
  [inFlight, version, broken] = [0, 1, new Set()];
  vi.mocked(loadPoints).mockReset().mockResolvedValue(points);
  vi.mocked(loadWall).mockReset().mockImplementation(async (_, at) => {
    inFlight += 1;
    expect(inFlight).toBeLessThanOrEqual(2);
    await Promise.resolve();
    inFlight -= 1;
    if (broken.has(at)) throw new Problem("damaged", 200);
    return frame(at === "latest" ? 20 : at, version);
  });
});

const asked = () => vi.mocked(loadWall).mock.calls.map(([, at]) => at);

it("fetches what is asked for first, then the rest, each once", async () => {
  const film = new WallFilm("a");
  film.want(10, false);
  film.take(calendar(1, 1, 1));
  await settle();
  await vi.waitFor(() => expect(asked()).toHaveLength(3));
  expect(asked()[0]).toBe(10);
  expect(film.shown.get()?.frame.step).toBe(10);
  film.want(0, false);
  film.take(calendar(1, 1, 1));
  await settle();
  expect(film.shown.get()?.frame.step).toBe(0);
  expect(asked()).toHaveLength(3);
});

it("fetches again what was written anew, and nothing else", async () => {
  const film = new WallFilm("a");
  film.want(20, false);
  film.take(calendar(1, 1, 1));
  await vi.waitFor(() => expect(asked()).toHaveLength(3));
  await settle();
  version = 2;
  film.take(calendar(1, 1, 2));
  await vi.waitFor(() => expect(asked()).toHaveLength(4));
  await settle();
  expect(asked()[3]).toBe(20);
  expect(film.shown.get()?.frame.version).toBe(2);
});

it("does not ask forever for a file that is newer than the calendar says", async () => {
  version = 9;
  const film = new WallFilm("a");
  film.want(0, false);
  film.take(calendar(1));
  await vi.waitFor(() => expect(film.shown.get()).not.toBeNull());
  await new Promise((done) => setTimeout(done, 20));
  expect(asked()).toHaveLength(1);
});

it("shows every variant at its newest step while it is live", async () => {
  const film = new WallFilm("a");
  film.want(20, true);
  film.take(calendar(1, 1, 1));
  await vi.waitFor(() => expect(film.shown.get()).not.toBeNull());
  expect(asked()[0]).toBe("latest");
  await settle();
  const before = asked().length;
  film.take(calendar(1, 2, 2));
  await vi.waitFor(() => expect(asked().length).toBeGreaterThan(before));
  await settle();
  // What is at hand waits until it is asked for, however often it is written anew.
  expect(asked().slice(before)).toEqual(["latest"]);
});

it("tells what is wrong with what is asked for, and only with that", async () => {
  broken = new Set([10]);
  const film = new WallFilm("a");
  film.want(0, false);
  film.take(calendar(1, 1, 1));
  await vi.waitFor(() => expect(asked()).toHaveLength(3));
  await settle();
  expect(film.problem.get()).toBeNull();
  film.want(10, false);
  expect(film.problem.get()?.what).toBe("damaged");
  film.want(20, false);
  expect(film.problem.get()).toBeNull();
  broken = new Set();
  film.want(10, false);
  film.again();
  await vi.waitFor(() => expect(film.shown.get()?.frame.step).toBe(10));
  expect(film.problem.get()).toBeNull();
});
