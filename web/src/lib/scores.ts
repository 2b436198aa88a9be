import { fields, maybeNumber } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

const NAMES = {
  clustering_accuracy: ["Clustering accuracy", "points in the component of their class"],
  nmi: ["Normalized mutual information", "of components and classes"],
  ari: ["Adjusted Rand index", "of components and classes"],
  probe_accuracy: ["Linear probe", "held-out accuracy on the latents"],
  knn_accuracy: ["Nearest neighbors", "share of neighbors of the same class"],
} as const;

export interface Score {
  readonly key: string;
  readonly label: string;
  readonly meaning: string;
  readonly value: number;
}

export interface Scores {
  readonly receipt: Receipt;
  readonly scores: readonly Score[];
}

export function parseScores(value: unknown): Scores {
  const file = fields(value);
  const scores = Object.entries(NAMES).flatMap(([key, [label, meaning]]) => {
    const score = maybeNumber(file[key]);
    return score === null ? [] : [{ key, label, meaning, value: score }];
  });
  return { receipt: parseReceipt(file), scores };
}
