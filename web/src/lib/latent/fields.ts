import { orderOf, sameIds } from "../film";
import type { Anatomy } from "./anatomy";
import type { Churn } from "./churn";
import { rowOf } from "./columns";
import type { MapFrame } from "./map";
import type { Neighbors } from "./neighbors";

/** What a color can say of a point. Ids are short, for they stand in the address. */
export interface ColorChoice {
  readonly id: string;
  readonly label: string;
  readonly kind: "class" | "amount";
  /** The artifact that says it, besides the map itself. */
  readonly source: "map" | "anatomy" | "neighbors" | "churn";
  readonly unit: string;
}

/** One class per point; below 0 for none. */
export interface ClassField {
  readonly kind: "class";
  readonly values: Int32Array;
}

/** One number per point; NaN for none. */
export interface AmountField {
  readonly kind: "amount";
  readonly values: Float32Array;
}

export type Field = ClassField | AmountField;

export interface Sources {
  readonly map: MapFrame | null;
  readonly anatomy: Anatomy | null;
  readonly neighbors: Neighbors | null;
  readonly churn: Churn | null;
}

const AMOUNTS: readonly (readonly [id: keyof Anatomy, label: string])[] = [
  ["reconstruction", "Reconstruction error"],
  ["total", "Objective, total"],
  ["entropy", "Entropy of q(c|x)"],
];

/** The choices that a run offers, by what its artifacts hold. */
export function choicesOf({ map, anatomy }: Sources, has: { readonly neighbors: boolean; readonly churn: boolean }): readonly ColorChoice[] {
  const choices: ColorChoice[] = [];
  const add = (id: string, label: string, kind: ColorChoice["kind"], source: ColorChoice["source"], unit = "") =>
    choices.push({ id, label, kind, source, unit });
  if (map?.label) add("label", "Label", "class", "map");
  if (anatomy?.component) add("component", "Component", "class", "anatomy");
  if (anatomy?.predicted) add("predicted", "Prediction", "class", "anatomy");
  for (const [id, label] of AMOUNTS) if (anatomy?.[id]) add(id, label, "amount", "anatomy", id === "entropy" ? anatomy.units.kl : anatomy.units.reconstruction);
  for (let d = 0; d < (anatomy?.kl?.width ?? 0); d += 1) add(`kl${d + 1}`, `KL of z${subscript(d + 1)}`, "amount", "anatomy", anatomy?.units.kl);
  if (has.neighbors) add("dk", "Distance to the k-th neighbor", "amount", "neighbors", "latent");
  if (has.churn) add("churn", "Neighbor churn", "amount", "churn", "share");
  if (choices.length === 0) add("none", "One color", "class", "map");
  return choices;
}

type Named = readonly [label: string, kind: ColorChoice["kind"]];
const AWAITED: ReadonlyMap<string, Named> = new Map<string, Named>([
  ["component", ["Component", "class"]],
  ["predicted", ["Prediction", "class"]],
  ...AMOUNTS.map(([id, label]) => [id, [label, "amount"]] as const),
]);

/** The choice of that id while its artifact is on its way, so that a link keeps its color; null for no such color. */
export function awaited(id: string): ColorChoice | null {
  const kl = /^kl([1-9]\d*)$/.exec(id);
  const known = kl ? ([`KL of z${subscript(Number(kl[1]))}`, "amount"] as const) : AWAITED.get(id);
  return known ? { id, label: known[0], kind: known[1], source: "anatomy", unit: "" } : null;
}

/** The values of a choice, in the order of the map's points; null where the artifact is not there. */
export function fieldOf(choice: ColorChoice, sources: Sources): Field | null {
  const { map, anatomy, neighbors, churn } = sources;
  if (!map) return null;
  if (choice.id === "label") return map.label && { kind: "class", values: map.label };
  if (choice.id === "none") return { kind: "class", values: new Int32Array(map.ids.length).fill(-1) };
  if (choice.id === "dk") return neighbors && amount(map.ids, neighbors.ids, neighbors.kth);
  if (choice.id === "churn") return churn && amount(map.ids, churn.ids, churn.churn);
  if (!anatomy) return null;
  if (choice.id === "component" || choice.id === "predicted") {
    const values = anatomy[choice.id];
    return values && { kind: "class", values: sorted(map.ids, anatomy.ids, values, -1) as Int32Array };
  }
  const kl = /^kl(\d+)$/.exec(choice.id);
  const values = kl ? dimension(anatomy, Number(kl[1]) - 1) : anatomy[choice.id as "reconstruction" | "total" | "entropy"];
  return values && amount(map.ids, anatomy.ids, values);
}

function amount(ids: Int32Array, from: Int32Array, values: Float32Array): AmountField {
  return { kind: "amount", values: sorted(ids, from, values, Number.NaN) as Float32Array };
}

function dimension({ kl, ids }: Anatomy, d: number): Float32Array | null {
  if (!kl || d < 0 || d >= kl.width) return null;
  return Float32Array.from(ids, (_, at) => rowOf(kl, at)[d] as number);
}

/** Values in the order of `ids`; points are told apart by dataset_idx, never by their place. */
function sorted(ids: Int32Array, from: Int32Array, values: Float32Array | Int32Array, missing: number): Float32Array | Int32Array {
  if (sameIds(ids, from)) return values;
  const order = orderOf(from);
  const out = values instanceof Int32Array ? new Int32Array(ids.length) : new Float32Array(ids.length);
  ids.forEach((id, at) => {
    const place = order.get(id);
    out[at] = place === undefined ? missing : (values[place] as number);
  });
  return out;
}

/** The points of a class, by dataset_idx. */
export function membersOf(field: Field, value: number, ids: Int32Array): readonly number[] {
  if (field.kind !== "class") return [];
  return Array.from(ids).filter((_, at) => field.values[at] === value);
}

/** How many points each class has, by class, rising. */
export function countsOf(values: Int32Array): readonly (readonly [value: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const value of values) if (value >= 0) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

/** The range that the colors span: without the outermost hundredth on each side, so that an outlier does not take it all. */
export function rangeOf(values: Float32Array): readonly [low: number, high: number] {
  const finite = values.filter((value) => Number.isFinite(value)).sort();
  if (finite.length === 0) return [0, 1];
  const at = (share: number) => finite[Math.round(share * (finite.length - 1))] as number;
  const [low, high] = [at(0.01), at(0.99)];
  return high > low ? [low, high] : [low, low + (Math.abs(low) || 1)];
}

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";

export function subscript(value: number): string {
  return [...String(value)].map((digit) => DIGITS[Number(digit)] ?? digit).join("");
}
