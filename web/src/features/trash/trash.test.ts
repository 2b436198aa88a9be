import { beforeEach, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { restore, restoreLast, type Trash, type Trashed } from "./trash";

const said = vi.hoisted(() => ({ toasts: [] as string[] }));
vi.mock("@/ui/Toast", () => ({ toast: (words: string) => void said.toasts.push(words) }));

const trashOf = (there: readonly Trashed[], back: string[]): Trash => ({
  things: "runs",
  list: () => Promise.resolve(there),
  restore: (name) => {
    if (name === "stuck") return Promise.reject(new Problem("One with this id is there.", 409));
    back.push(name);
    return Promise.resolve(`Restored ${name}.`);
  },
});

beforeEach(() => void (said.toasts.length = 0));

it("brings back the last one of several with an id", async () => {
  const [back, done] = [[] as string[], vi.fn()];
  const there = ["a", "b~1", "b~2", "c"].map((name) => ({ name, id: name[0] as string, title: name }));
  await restoreLast(trashOf(there, back), "b", done);
  expect([back, said.toasts, done.mock.calls.length]).toEqual([["b~2"], ["Restored b~2."], 1]);
  await restoreLast(trashOf(there, back), "x", done);
  expect([back.length, said.toasts.at(-1), done.mock.calls.length]).toEqual([1, "It is no longer in the trash.", 1]);
});

it("says why something stays in the trash", async () => {
  const done = vi.fn();
  expect(await restore(trashOf([], []), "stuck", done)).toBe(false);
  expect([said.toasts, done.mock.calls.length]).toEqual([["One with this id is there."], 0]);
});
