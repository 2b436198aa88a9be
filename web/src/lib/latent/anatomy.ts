import { fields, list, maybeNumber, text, type Fields } from "../check";
import { parseReceipt, type Receipt } from "../receipt";
import { floatRows, floats, integers, optional, type Rows } from "./columns";

/** The objective of every point, term by term. A term that the model lacks is null. */
export interface Anatomy {
  /** Of the reconstruction term (and so of the total), and of the KL terms. */
  readonly units: { readonly reconstruction: string; readonly kl: string };
  readonly ids: Int32Array;
  readonly reconstruction: Float32Array | null;
  readonly kl: Rows<Float32Array> | null;
  readonly klCategorical: Float32Array | null;
  readonly total: Float32Array | null;
  readonly responsibilities: Rows<Float32Array> | null;
  readonly entropy: Float32Array | null;
  readonly component: Int32Array | null;
  readonly predicted: Int32Array | null;
  readonly label: Int32Array | null;
  /** Average of each dimension's KL over the points. */
  readonly meanKl: Float32Array | null;
  /** Average over the dimensions of each point's posterior standard deviation. */
  readonly deviation: Float32Array | null;
  /** Dimensions whose code varies over the points by more than `threshold`. */
  readonly active: { readonly units: readonly boolean[]; readonly threshold: number | null } | null;
  readonly receipt: Receipt;
}

export function parseAnatomy(value: unknown): Anatomy {
  const file = fields(value);
  const ids = integers(file.dataset_idx, "dataset_idx");
  const column = (name: string) => optional(file[name], (item) => floats(item, name, ids.length));
  const rows = (name: string) => optional(file[name], (item) => floatRows(item, name, ids.length));
  const whole = (name: string) => optional(file[name], (item) => integers(item, name, ids.length));
  return {
    units: unitsOf(file),
    ids,
    reconstruction: column("reconstruction"),
    kl: rows("kl"),
    klCategorical: column("kl_categorical"),
    total: column("total"),
    responsibilities: rows("responsibilities"),
    entropy: column("entropy"),
    component: whole("component"),
    predicted: whole("predicted"),
    label: whole("label"),
    meanKl: optional(file.mean_kl, (item) => floats(item, "mean_kl")),
    deviation: column("posterior_deviation"),
    active: optional(file.active_units, activeOf),
    receipt: parseReceipt(file),
  };
}

function activeOf(value: unknown): Anatomy["active"] {
  const { active, threshold } = fields(value, "active_units");
  return { units: list(active, "active_units.active").map((on) => on === true), threshold: maybeNumber(threshold) };
}

function unitsOf(file: Fields): Anatomy["units"] {
  if (typeof file.unit === "string") return { reconstruction: file.unit, kl: file.unit };
  const units = fields(file.units ?? {}, "units");
  return { reconstruction: text(units.reconstruction ?? "", "units"), kl: text(units.kl ?? "nats", "units") };
}
