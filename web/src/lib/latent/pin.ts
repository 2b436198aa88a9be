import { fields, maybeNumber, number, numbers } from "../check";
import { parseReceipt, type Receipt } from "../receipt";

/** A place of a 2-D map, in whole thousandths of its units: as the server names it. */
export interface Pin {
  readonly u: number;
  readonly v: number;
}

const THOUSANDTHS = 1000;
const LIMIT = 999_999_999;

export function pinAt(x: number, y: number): Pin {
  const whole = (value: number) => Math.max(-LIMIT, Math.min(LIMIT, Math.round(value * THOUSANDTHS))) || 0;
  return { u: whole(x), v: whole(y) };
}

export function placeOf({ u, v }: Pin): readonly [x: number, y: number] {
  return [u / THOUSANDTHS, v / THOUSANDTHS];
}

export function pinText(pin: Pin | null): string | null {
  return pin && `${pin.u}.${pin.v}`;
}

/** Reads a place out of the address; null for anything else. */
export function readPin(text: string | null): Pin | null {
  const found = /^(-?\d{1,9})\.(-?\d{1,9})$/.exec(text ?? "");
  return found ? { u: Number(found[1]) || 0, v: Number(found[2]) || 0 } : null;
}

/** One place of the map, decoded exactly, with what is known of it. */
export interface DecodedPoint {
  readonly x: number;
  readonly y: number;
  readonly z: readonly number[];
  readonly nearest: { readonly id: number; readonly distance: number };
  /** How far it comes back when it is decoded and encoded again, as a share of the latents' radius. */
  readonly cycleError: number | null;
  readonly density: number | null;
  readonly distortion: number | null;
  readonly trust: number | null;
  /** The decoded values, where the data are no pictures. */
  readonly decoded: readonly number[] | null;
  readonly receipt: Receipt;
}

export function parseDecodedPoint(value: unknown): DecodedPoint {
  const file = fields(value);
  const nearest = fields(file.nearest, "nearest");
  return {
    x: number(file.x, "x"),
    y: number(file.y, "y"),
    z: numbers(file.z, "z"),
    nearest: { id: number(nearest.dataset_idx, "nearest.dataset_idx"), distance: number(nearest.distance, "nearest.distance") },
    cycleError: maybeNumber(file.cycle_error),
    density: maybeNumber(file.density),
    distortion: maybeNumber(file.distortion),
    trust: maybeNumber(file.trust),
    decoded: Array.isArray(file.decoded) ? file.decoded.flat(Infinity).map((item) => maybeNumber(item) ?? Number.NaN) : null,
    receipt: parseReceipt(file),
  };
}
