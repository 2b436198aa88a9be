import { expect, it } from "vitest";
import { DROPPED, Turns } from "./turns";

function stage() {
  const turns = new Turns(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (name: string, isWanted = () => true) => {
    const work = () => new Promise<string>((resolve) => {
      begun.push(name);
      ends.set(name, () => resolve(name));
    });
    return turns.take(work, isWanted).catch((reason: unknown) => reason);
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { begun, start, end };
}

it("does two at once, then the newest", async () => {
  const { begun, start, end } = stage();
  const all = ["a", "b", "c", "d"].map((name) => start(name));
  expect(begun).toEqual(["a", "b"]);
  await end("a");
  expect(begun).toEqual(["a", "b", "d"]);
  await end("b");
  await end("c");
  await end("d");
  expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
  void start("e");
  void start("f");
  expect(begun.slice(4)).toEqual(["e", "f"]);
});

it("does not begin what nobody waits for, and goes on after a failure", async () => {
  const turns = new Turns(1);
  const failing = turns.take(() => Promise.reject(new Error("no")), () => true).catch((reason: unknown) => reason);
  const idle = turns.take(() => Promise.resolve("idle"), () => false).catch((reason: unknown) => reason);
  expect(await failing).toEqual(new Error("no"));
  expect(await idle).toBe(DROPPED);
  expect(await turns.take(() => Promise.resolve("next"), () => true)).toBe("next");
});
