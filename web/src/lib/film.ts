/** The film of a run: maps of single epochs, and the way that points take between them. */

/** One map. Points are told apart by `ids` (dataset_idx), never by their order. */
export interface Frame {
  readonly epoch: number;
  readonly dims: 2 | 3;
  readonly ids: Int32Array;
  /** Coordinates, 3 a point; z is 0 on a 2-D map. */
  readonly coords: Float32Array;
}

const orders = new WeakMap<Int32Array, ReadonlyMap<number, number>>();

/** Where each id stands in a list of ids. */
export function orderOf(ids: Int32Array): ReadonlyMap<number, number> {
  const known = orders.get(ids);
  if (known) return known;
  const order = new Map<number, number>();
  ids.forEach((id, at) => order.set(id, at));
  orders.set(ids, order);
  return order;
}

export function sameIds(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** Where the points of `next` were in `coords`, in the order of `next`; a new point starts at its end. */
export function carried(next: Frame, ids: Int32Array, coords: Float32Array): Float32Array {
  if (sameIds(next.ids, ids)) return coords;
  const order = orderOf(ids);
  const out = next.coords.slice();
  next.ids.forEach((id, at) => {
    const before = order.get(id);
    if (before !== undefined) out.set(coords.subarray(before * 3, before * 3 + 3), at * 3);
  });
  return out;
}

export type Easing = "steady" | "settle";

export function ease(easing: Easing, t: number): number {
  if (t >= 1) return 1;
  return easing === "steady" ? Math.max(0, t) : 1 - (1 - Math.max(0, t)) ** 3;
}

/** A straight way from where points are seen now to where the next map has them. */
export class Glide {
  constructor(
    readonly from: Float32Array,
    readonly frame: Frame,
    private readonly start: number,
    private readonly duration: number,
    private readonly easing: Easing,
  ) {}

  /** A glide that is over: the map as it is. */
  static still(frame: Frame): Glide {
    return new Glide(frame.coords, frame, 0, 0, "settle");
  }

  /** How far along, 0 to 1. */
  at(now: number): number {
    return this.duration <= 0 ? 1 : ease(this.easing, (now - this.start) / this.duration);
  }

  isOver(now: number): boolean {
    return this.duration <= 0 || now >= this.start + this.duration;
  }

  /** Where the points are; writes into `out` if it has the right length. */
  positions(now: number, out?: Float32Array): Float32Array {
    const t = this.at(now);
    if (t >= 1) return this.frame.coords;
    const target = out?.length === this.frame.coords.length ? out : new Float32Array(this.frame.coords.length);
    mix(this.from, this.frame.coords, t, target);
    return target;
  }

  /** The way to another map from wherever the points are now; a cut when it has other dimensions. */
  to(next: Frame, now: number, duration: number, easing: Easing): Glide {
    if (next.dims !== this.frame.dims) return Glide.still(next);
    const here = carried(next, this.frame.ids, this.positions(now));
    return new Glide(here, next, now, duration, easing);
  }
}

export function mix(from: Float32Array, to: Float32Array, t: number, out: Float32Array): void {
  for (let i = 0; i < out.length; i += 1) out[i] = (from[i] as number) * (1 - t) + (to[i] as number) * t;
}

/** Epochs worth loading before they are asked for: those ahead first, then those behind. */
export function ahead(epochs: readonly number[], epoch: number, direction: 1 | -1, count: number): readonly number[] {
  const after = epochs.filter((at) => at > epoch);
  const before = epochs.filter((at) => at < epoch).reverse();
  const [first, second] = direction > 0 ? [after, before] : [before, after];
  const most = Math.ceil(count * 0.75);
  const front = first.slice(0, most);
  return [...front, ...second.slice(0, count - front.length)];
}
