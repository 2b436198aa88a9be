/** What a worker gets, and what it answers: told apart by their number. */
export interface Numbered<T> {
  readonly id: number;
  readonly what: T;
}

/**
 * A worker that carries out orders beside the main thread. It is made when it is first needed. An
 * order that it fails at is answered with null, and so is every order where the browser gives no
 * worker, or after it broke: whoever gave the order carries it out.
 */
export class Clerk<O, A> {
  private readonly waiting = new Map<number, (answer: A | null) => void>();
  private worker: Worker | null | undefined;
  private orders = 0;

  /** @param make Makes the worker; it may throw. */
  constructor(private readonly make: () => Worker | null) {}

  ask(what: O): Promise<A | null> {
    const worker = this.hired();
    if (!worker) return Promise.resolve(null);
    this.orders += 1;
    const order: Numbered<O> = { id: this.orders, what };
    return new Promise((answer) => {
      this.waiting.set(order.id, answer);
      worker.postMessage(order);
    });
  }

  private hired(): Worker | null {
    if (this.worker !== undefined) return this.worker;
    try {
      this.worker = this.make();
    } catch {
      this.worker = null;
    }
    if (!this.worker) return null;
    this.worker.onmessage = ({ data }: MessageEvent<Numbered<A>>) => {
      this.waiting.get(data.id)?.(data.what);
      this.waiting.delete(data.id);
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.worker?.terminate();
      this.worker = null;
      const left = [...this.waiting.values()];
      this.waiting.clear();
      for (const answer of left) answer(null);
    };
    return this.worker;
  }
}

/** In the worker: answers every order with what `work` makes of it, null where that fails; `moved` says what need not be copied. */
export function serve<O, A>(scope: DedicatedWorkerScope, work: (what: O) => A | Promise<A>, moved: (answer: A) => readonly Transferable[]): void {
  scope.onmessage = async ({ data: { id, what } }: MessageEvent<Numbered<O>>) => {
    try {
      const answer = await work(what);
      scope.postMessage({ id, what: answer }, [...moved(answer)]);
    } catch {
      scope.postMessage({ id, what: null }, []);
    }
  };
}

/** The part of a worker's global scope that is used here. */
interface DedicatedWorkerScope {
  onmessage: ((event: MessageEvent) => unknown) | null;
  postMessage(message: unknown, moved: Transferable[]): void;
}
