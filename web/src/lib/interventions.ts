import { fields, list, maybeNumber, number, text, type Fields } from "./check";
import { floats, integers } from "./latent/columns";
import { hexes } from "./pointColors";
import { parseReceipt, type Receipt } from "./receipt";

export type InterventionKind = "suppress" | "repel" | "ablate" | "prune";

/** What examples are similar to. */
export interface Subject {
  readonly name: string;
  /** What it is: a regularizer's kind, "concept" or "label". */
  readonly is: string;
  /** [N], 0 to 1. */
  readonly similarity: Float32Array;
}

/** One way to change all latents. */
export interface Intervention {
  readonly name: string;
  readonly kind: InterventionKind;
  /** Place of the subject whose direction it is about; null for dimensions. */
  readonly subject: number | null;
  readonly dimensions: readonly number[];
  /** Error with it, less the error without, of each example; NaN where that is not known. */
  readonly added: Float32Array;
  readonly mean: number | null;
}

/** How what an intervention adds goes with the similarity to a subject. */
export interface Effect {
  readonly r2: number | null;
  readonly slope: number | null;
  readonly intercept: number | null;
  /** Mean of what is added, by tenths of the similarity. */
  readonly bins: readonly (number | null)[];
}

/** Examples that are colors: themselves, decoded, and decoded after each intervention. */
export interface Swatches {
  readonly input: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly (readonly string[])[];
}

/** From which alignment, and how much, suppression and repulsion change a code; in thousandths, as the server counts. */
export interface Gate {
  readonly threshold: number;
  readonly strength: number;
}

/** What a run records, and what is left out of the file's name. */
export const USUAL_GATE: Gate = { threshold: 0, strength: 1000 };

/** The options of a gate that are not the usual ones, as the server takes them; null where all are usual. */
export function gateWish(gate: Gate): Readonly<Partial<Gate>> | null {
  const names = (["threshold", "strength"] as const).filter((name) => gate[name] !== USUAL_GATE[name]);
  return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, gate[name]]));
}

export interface Interventions {
  readonly receipt: Receipt;
  readonly ids: Int32Array;
  readonly subjects: readonly Subject[];
  readonly interventions: readonly Intervention[];
  /** Of each intervention against each subject. */
  readonly effects: readonly (readonly Effect[])[];
  readonly swatches: Swatches | null;
  /** Names of subjects and dimensions that there was no room for. */
  readonly leftOut: readonly string[];
}

const KINDS: readonly string[] = ["suppress", "repel", "ablate", "prune"];

export function parseInterventions(value: unknown): Interventions {
  const file = fields(value);
  const ids = integers(file.dataset_idx, "dataset_idx");
  const subjects = list(file.subjects, "subjects").map((item) => subject(fields(item, "a subject"), ids.length));
  const interventions = list(file.interventions, "interventions").map((item) => intervention(fields(item, "an intervention"), ids.length, subjects.length));
  const effects = list(file.effects, "effects").map((row) => list(row, "effects").map(effect));
  if (effects.length !== interventions.length || effects.some((row) => row.length !== subjects.length)) throw new Error("effects are not one for each intervention and subject");
  return {
    receipt: parseReceipt(file),
    ids,
    subjects,
    interventions,
    effects,
    swatches: file.colors ? swatches(fields(file.colors, "colors"), ids.length, interventions.length) : null,
    leftOut: leftOut(file.left_out),
  };
}

function subject(item: Fields, length: number): Subject {
  const of = text(item.of, "what a subject is");
  const is = of === "regularizer" && typeof item.kind === "string" ? item.kind : of;
  return { name: text(item.name, "the name of a subject"), is, similarity: floats(item.similarity, "similarity", length) };
}

function intervention(item: Fields, length: number, subjects: number): Intervention {
  const kind = text(item.kind, "the kind of an intervention");
  if (!KINDS.includes(kind)) throw new Error(`${kind} is no intervention that is known here`);
  const about = item.subject === null ? null : number(item.subject, "the subject of an intervention");
  if (about !== null && about >= subjects) throw new Error("an intervention is about a subject that is not there");
  const dimensions = list(item.dimensions ?? [], "dimensions").map((d) => number(d, "a dimension"));
  return {
    name: text(item.name, "the name of an intervention"),
    kind: kind as InterventionKind,
    subject: about,
    dimensions,
    added: floats(item.added, "added", length),
    mean: maybeNumber(item.mean),
  };
}

function effect(value: unknown): Effect {
  const item = fields(value, "an effect");
  const { r2, slope, intercept } = item;
  return { r2: maybeNumber(r2), slope: maybeNumber(slope), intercept: maybeNumber(intercept), bins: list(item.bins, "bins").map(maybeNumber) };
}

function swatches(item: Fields, length: number, interventions: number): Swatches {
  const row = (value: unknown, what: string) => {
    const colors = hexes(value, what);
    if (colors.length !== length) throw new Error(`${what} is not one color for each point`);
    return colors;
  };
  const after = list(item.after, "colors.after").map((colors) => row(colors, "colors.after"));
  if (after.length !== interventions) throw new Error("colors.after is not a row for each intervention");
  return { input: row(item.input, "colors.input"), before: row(item.before, "colors.before"), after };
}

function leftOut(value: unknown): readonly string[] {
  const said = fields(value ?? {}, "left_out");
  const dimensions = list(said.dimensions ?? [], "left_out").map((d) => `z[${String(d)}]`);
  return [...list(said.subjects ?? [], "left_out").map(String), ...dimensions];
}

/** What one choice is about: an intervention against a subject, by their places. */
export interface Choice {
  readonly intervention: number;
  readonly subject: number;
}

/** The score of a subject's structure is that of what takes its own direction away. */
export function isScore({ interventions }: Interventions, { intervention, subject: about }: Choice): boolean {
  return interventions[intervention]?.subject === about;
}

/** The one to look at first: of the scores the highest, else the highest of all. */
export function firstChoice(study: Interventions): Choice {
  const all = study.effects.flatMap((row, i) => row.map((one, s) => ({ intervention: i, subject: s, r2: one.r2 ?? -1 })));
  const scores = all.filter((one) => isScore(study, one));
  const best = (scores.length > 0 ? scores : all).reduce((a, b) => (b.r2 > a.r2 ? b : a), { intervention: 0, subject: 0, r2: -1 });
  return { intervention: best.intervention, subject: best.subject };
}

/** Rows for people: what an intervention changes, without its kind. */
export function targetOf({ name, kind, dimensions }: Intervention): string {
  const bare = name.startsWith(`${kind} `) ? name.slice(kind.length + 1) : name;
  return dimensions.length === 1 && bare === String(dimensions[0]) ? `z[${bare}]` : bare;
}

/** Up to `count` examples from the least to the most similar, evenly spread over them by similarity. */
export function ladder(similarity: Float32Array, count: number): readonly number[] {
  const order = Array.from(similarity, (_, at) => at).sort((a, b) => (similarity[a] as number) - (similarity[b] as number) || a - b);
  if (order.length <= count) return order;
  const [low, high] = [similarity[order[0] as number] as number, similarity[order.at(-1) as number] as number];
  const picked: number[] = [];
  let from = 0;
  for (let at = 0; at < count; at += 1) {
    const wanted = low + ((high - low) * at) / (count - 1);
    const most = order.length - (count - at);
    let best = from;
    while (best < most && (similarity[order[best + 1] as number] as number) <= wanted) best += 1;
    picked.push(order[best] as number);
    from = best + 1;
  }
  return picked;
}
