/** Asks to be called back soon, as requestAnimationFrame does; what comes back takes it back. */
export interface Clock {
  readonly ask: (call: () => void) => number;
  readonly drop: (ticket: number) => void;
}

/** Work that is asked for many times in a row, and done once: the last that was asked for. */
export class Soon {
  private ticket: number | null = null;
  private work: (() => void) | null = null;

  constructor(private readonly clock: Clock) {}

  ask(work: () => void): void {
    this.work = work;
    this.ticket ??= this.clock.ask(() => {
      this.ticket = null;
      this.work?.();
    });
  }

  /** Whatever was asked for is not done any more. */
  drop(): void {
    if (this.ticket !== null) this.clock.drop(this.ticket);
    this.ticket = null;
    this.work = null;
  }
}

/** Before the screen is drawn anew. */
export const NEXT_FRAME: Clock = {
  ask: (call) => requestAnimationFrame(call),
  drop: (ticket) => cancelAnimationFrame(ticket),
};
