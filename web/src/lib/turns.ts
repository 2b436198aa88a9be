/** What is thrown to whom nobody waits for any more. */
export const DROPPED = Symbol("dropped");

/** Lets few things happen at once; of those that wait, the newest goes first. */
export class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  /**
   * Does the work when it is its turn.
   *
   * @param isWanted Asked at the turn: what nobody wants any more is not begun.
   * @throws DROPPED when it was not wanted; else what the work throws.
   */
  async take<T>(work: () => Promise<T>, isWanted: () => boolean): Promise<T> {
    if (this.running >= this.most) await new Promise<void>((go) => this.waiting.push(go));
    else this.running += 1;
    try {
      if (!isWanted()) throw DROPPED;
      return await work();
    } finally {
      const next = this.waiting.pop();
      if (next) next(); // it takes over this place
      else this.running -= 1;
    }
  }
}
