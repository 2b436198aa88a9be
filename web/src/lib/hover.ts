/** How long the pointer rests on a point before its card comes, and how long the card waits for it. */
export const CARD_DELAY_MS = 125;
export const LEAVE_GRACE_MS = 260;

export interface Hover {
  /** The point with the ring; comes and goes at once. */
  readonly ring: number | null;
  /** The point with the card. */
  readonly card: number | null;
}

/** Decides which point has the ring and which the card, so that neither flickers. */
export class HoverWatch {
  private hover: Hover = { ring: null, card: null };
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly onChange: (hover: Hover) => void) {}

  /** The pointer is over this point (an id), or over none. */
  point(id: number | null): void {
    if (id === this.hover.ring) return;
    this.wait(null);
    this.set({ ...this.hover, ring: id });
    if (id !== null && id === this.hover.card) return;
    // A card that is open moves over to the next point; one that is not yet, waits.
    if (id === null) this.wait(() => this.set({ ring: null, card: null }), LEAVE_GRACE_MS);
    else this.wait(() => this.set({ ring: id, card: id }), CARD_DELAY_MS);
  }

  /** Takes both away, now. */
  clear(): void {
    this.wait(null);
    this.set({ ring: null, card: null });
  }

  private wait(then: (() => void) | null, ms = 0): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = then ? setTimeout(then, ms) : null;
  }

  private set(hover: Hover): void {
    if (hover.ring === this.hover.ring && hover.card === this.hover.card) return;
    this.hover = hover;
    this.onChange(hover);
  }
}
