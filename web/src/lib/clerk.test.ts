import { expect, it, vi } from "vitest";
import { Clerk, serve, type Numbered } from "./clerk";

class FakeWorker {
  readonly orders: Numbered<string>[] = [];
  onmessage: ((event: { data: Numbered<string> }) => void) | null = null;
  onerror: ((event: { preventDefault(): void }) => void) | null = null;
  readonly terminate = vi.fn();

  postMessage(order: Numbered<string>): void {
    this.orders.push(order);
  }
}

function hire() {
  const worker = new FakeWorker();
  const make = vi.fn(() => worker as unknown as Worker);
  return { worker, make, clerk: new Clerk<string, string>(make) };
}

it("hands every answer to whom it is for, whatever their order", async () => {
  const { worker, make, clerk } = hire();
  expect(make).not.toHaveBeenCalled();
  const answers = ["a", "b", "c"].map((what) => clerk.ask(what));
  for (const { id, what } of [...worker.orders].reverse()) worker.onmessage?.({ data: { id, what: what.toUpperCase() } });
  expect(await Promise.all(answers)).toEqual(["A", "B", "C"]);
  expect(make).toHaveBeenCalledTimes(1);
});

it("gives back what a worker that broke had left, and all that comes after", async () => {
  const { worker, make, clerk } = hire();
  const first = clerk.ask("a");
  worker.onerror?.({ preventDefault: () => undefined });
  expect(await first).toBeNull();
  expect(await clerk.ask("b")).toBeNull();
  expect([worker.terminate.mock.calls.length, make.mock.calls.length]).toEqual([1, 1]);
});

it("gives everything back where there is no worker", async () => {
  const refused = vi.fn((): Worker => {
    throw new Error("refused");
  });
  const clerk = new Clerk<string, string>(refused);
  expect([await clerk.ask("a"), await clerk.ask("b")]).toEqual([null, null]);
  expect(refused).toHaveBeenCalledTimes(1);
  expect(await new Clerk<string, string>(() => null).ask("a")).toBeNull();
});

it("answers under the number of the order, and moves what is to be moved", async () => {
  const scope = { onmessage: null as ((event: MessageEvent) => unknown) | null, postMessage: vi.fn() };
  const made = new ArrayBuffer(2);
  serve(scope, (what: string) => Promise.resolve({ what, made }), (answer) => [answer.made]);
  await scope.onmessage?.({ data: { id: 7, what: "a" } } as MessageEvent);
  expect(scope.postMessage).toHaveBeenCalledWith({ id: 7, what: { what: "a", made } }, [made]);
  serve(scope, () => Promise.reject(new Error("no canvas")), () => []);
  await scope.onmessage?.({ data: { id: 8, what: "b" } } as MessageEvent);
  expect(scope.postMessage).toHaveBeenLastCalledWith({ id: 8, what: null }, []);
});
