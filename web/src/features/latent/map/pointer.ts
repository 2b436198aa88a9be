import { Store } from "@/lib/store";

/** Where the pointer is on the map, in pixels of it; null while it is elsewhere, or drags. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export class Pointer extends Store<Spot | null> {
  /** Where it went down last, for what a click means. */
  down: Spot | null = null;

  constructor() {
    super(null);
  }

  /** Listens to the room of the map; the answer stops it. */
  listen(room: HTMLElement | null): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    for (const type of ["pointermove", "pointerdown", "pointerup"] as const) room?.addEventListener(type, this.take, { signal, capture: true });
    room?.addEventListener("wheel", this.take, { signal, passive: true }); // after the map has zoomed: another place is below
    room?.addEventListener("pointerleave", () => this.set(null), { signal });
    return () => stop.abort();
  }

  /** Takes an event of the map's room; over a button or a card the pointer is not on the map. */
  private readonly take = (event: PointerEvent | WheelEvent): void => {
    const map = event.target instanceof Element ? event.target.closest("[data-map]") : null;
    if (!map) return this.set(null);
    const { left, top } = map.getBoundingClientRect();
    const spot = { x: event.clientX - left, y: event.clientY - top };
    if (event.type === "pointerdown") this.down = spot;
    const moves = event.buttons !== 0 || ("pointerType" in event && event.pointerType === "touch");
    this.set(moves ? null : spot);
  };
}
