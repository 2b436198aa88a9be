import { getAt, leaves, setAt, type ConfigTree } from "./config";
import type { Field, FieldOf } from "./form";

/** Settings that most people come to change; the others stand behind "more". */
const FIRST: readonly string[] = [
  "data.dataset",
  "data.limit",
  "model.latent_dim",
  "model.components",
  "model.warmup_epochs",
  "objective.beta",
  "objective.kld_weight",
  "objective.class_weight",
  "schedule.epochs",
  "schedule.lr",
  "schedule.final_lr_fraction",
  "training.batch_size",
];
/** Groups of the form, each with a sentence. */
export const GROUPS: readonly { readonly path: string; readonly title: string; readonly about: string }[] = [
  { path: "data", title: "Data", about: "Which examples, and how they are changed." },
  { path: "model", title: "Model", about: "What is trained." },
  { path: "objective", title: "Objective", about: "What training makes small; it follows the model." },
  { path: "schedule", title: "Schedule", about: "How long, and how fast." },
  { path: "training", title: "Training", about: "Batches, optimizer and machine." },
  { path: "analysis", title: "Analysis", about: "What is recorded of the latent space." },
];

export function isFirst(field: Field): boolean {
  return FIRST.includes(field.path);
}

/** Whether a setting reads otherwise than its default; a missing one is the default. */
export function isChanged(config: ConfigTree, field: Field): boolean {
  const value = getAt(config, field.path);
  if (field.kind === "group") return field.fields.some((inner) => isChanged(config, inner));
  if (field.kind === "union") return value !== undefined;
  return value !== undefined && JSON.stringify(value) !== JSON.stringify(field.fallback ?? null);
}

/** The value that a setting has, written down or not. */
export function valueOf(config: ConfigTree, field: Field): unknown {
  return getAt(config, field.path) ?? field.fallback;
}

/** The variant that is chosen: by the value, else by the default, else the model's kind. */
export function variantOf(config: ConfigTree, field: FieldOf<"union">) {
  const own = getAt(config, `${field.path}.kind`);
  const fallback = getAt(field.fallback, "kind");
  const model = getAt(config, "model.kind");
  const kind = [own, fallback, model].find((name) => typeof name === "string");
  return field.variants.find((variant) => variant.kind === kind) ?? field.variants[0];
}

/**
 * Chooses another kind. What both kinds have is kept; the objective follows the model.
 *
 * @param form All groups of the form: the objective's variants are among them.
 */
export function chooseKind(config: ConfigTree, field: FieldOf<"union">, kind: string, form: readonly Field[]): ConfigTree {
  const changed = switchKind(config, field, kind);
  const objective = form.find((other) => other.path === "objective");
  if (field.path !== "model" || objective?.kind !== "union") return changed;
  return objective.variants.some((variant) => variant.kind === kind) ? switchKind(changed, objective, kind) : changed;
}

function switchKind(config: ConfigTree, field: FieldOf<"union">, kind: string): ConfigTree {
  const variant = field.variants.find((candidate) => candidate.kind === kind);
  if (!variant) return config;
  const before = field.variants.find((candidate) => candidate.kind === getAt(config, `${field.path}.kind`));
  const kept = variant.fields.flatMap((inner) => {
    const name = inner.path.slice(field.path.length + 1);
    const known = before?.fields.find((other) => other.path === inner.path);
    const value = getAt(config, inner.path);
    const fits = known?.kind === inner.kind && value !== undefined && JSON.stringify(value) !== JSON.stringify(known.fallback);
    return fits ? [[name, value] as const] : [];
  });
  return setAt(config, field.path, { kind, ...Object.fromEntries(kept) });
}

/** What a name promises: another model or data set is not what it says. */
const NAMED: readonly string[] = ["model.kind", "data.dataset"];

/** Whether a configuration reads otherwise than its preset, its name and notes left aside. */
export function isModified(config: ConfigTree, preset: ConfigTree): boolean {
  const words = ["name", "notes", "tags"];
  const settings = (tree: ConfigTree) =>
    JSON.stringify([...leaves(tree)].filter(({ path, value }) => value !== undefined && !words.includes(path)).sort((a, b) => (a.path < b.path ? -1 : 1)));
  return settings(config) !== settings(preset);
}

/**
 * Takes the preset's own name away when model or data are no longer the preset's, and gives it back
 * when they are again. A name that somebody typed stays.
 */
export function honestName(config: ConfigTree, preset: ConfigTree): ConfigTree {
  const same = NAMED.every((path) => getAt(config, path) === getAt(preset, path));
  if (!same && preset.name && config.name === preset.name) return setAt(config, "name", undefined);
  if (same && config.name === undefined && preset.name !== undefined) return { ...config, name: preset.name };
  return config;
}

/** Reads a number as people type it; null for what is none. */
export function readNumber(text: string, whole: boolean): number | null {
  const plain = text.trim().replace("−", "-").replace(/(?<=\d)[, ](?=\d{3}\b)/g, "");
  if (plain === "") return null;
  const value = Number(plain);
  return Number.isFinite(value) && (!whole || Number.isInteger(value)) ? value : null;
}
