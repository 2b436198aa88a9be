import type { MetricTable } from "./metrics";

export type StripGroup = "objective" | "mixture" | "scores" | "other";

/** One term, with the columns that hold it: validation is drawn over training. */
export interface Strip {
  readonly term: string;
  readonly label: string;
  readonly unit: string;
  readonly group: StripGroup;
  readonly validation: string | null;
  readonly training: string | null;
}

type Words = readonly [label: string, unit: string, group: StripGroup];

const TERMS: Readonly<Record<string, Words>> = {
  loss: ["Loss", "per example", "objective"],
  recon: ["Reconstruction", "per example", "objective"],
  kld_z: ["KL of z", "nats", "objective"],
  kld_c: ["KL of c", "nats", "objective"],
  kl_divergence: ["KL", "nats", "objective"],
  log_likelihood: ["Log-likelihood", "nats", "objective"],
  elbo: ["ELBO", "nats", "objective"],
  class: ["Classifier", "nats", "objective"],
  qc_entropy_mean: ["Entropy q(c|x)", "nats", "mixture"],
  qc_neff: ["Components", "effective", "mixture"],
  qc_pmax: ["Confidence", "mean max q(c|x)", "mixture"],
  accuracy: ["Accuracy", "of the classifier", "scores"],
  clustering_accuracy: ["Clustering", "accuracy", "scores"],
  nmi: ["NMI", "0 to 1", "scores"],
  ari: ["ARI", "up to 1", "scores"],
  probe_accuracy: ["Linear probe", "accuracy", "scores"],
  knn_accuracy: ["Neighbors", "accuracy", "scores"],
};
const ORDER = Object.keys(TERMS);
const PREFIX = /^(train|val)\//;

/**
 * Sorts the columns of a run into strips, one per term.
 *
 * @param schedule Columns of the timeline: they are drawn as the schedule, not as curves.
 */
export function stripsOf(epochs: MetricTable, steps: MetricTable, schedule: readonly string[]): readonly Strip[] {
  const names = [...new Set([...Object.keys(epochs.columns), ...Object.keys(steps.columns)])];
  const terms = [...new Set(names.map((name) => name.replace(PREFIX, "")))];
  const measured = terms.filter((term) => !schedule.includes(term) && !term.endsWith("_weight") && term !== "lr");
  const strips = measured.map((term) => {
    const [label, unit, group] = wordsOf(term);
    const has = (name: string) => (names.includes(name) ? name : null);
    const bare = has(term);
    const validation = has(`val/${term}`) ?? (has(`train/${term}`) ? null : bare);
    const training = has(`train/${term}`) ?? (validation === bare ? null : bare);
    return { term, label, unit, group, validation, training };
  });
  return strips.sort((a, b) => rank(a.term) - rank(b.term));
}

function rank(term: string): number {
  const at = ORDER.indexOf(term);
  return at < 0 ? ORDER.length : at;
}

function wordsOf(term: string): Words {
  const known = TERMS[term];
  if (known) return known;
  const words = term.replaceAll("_", " ").replaceAll("/", ", ");
  return [words.charAt(0).toUpperCase() + words.slice(1), "", "other"];
}

const COLUMNS: Readonly<Record<string, string>> = {
  lr: "learning rate",
  beta: "β",
  kld_weight: "KL weight",
  cat_kl_weight: "weight of KL of c",
  entropy_bonus_weight: "entropy bonus",
  mixture: "mixture on",
  class_weight: "class weight",
};

/** What people call a column of the schedule. */
export function columnWords(name: string): string {
  return COLUMNS[name] ?? name.replaceAll("_", " ");
}
