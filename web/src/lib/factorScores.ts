import { fields, list, maybeNumber, text } from "./check";
import { parseReceipt, type Receipt } from "./receipt";

type Values = readonly (number | null)[];

/** One score, 1 at best. */
export interface FactorScore {
  readonly key: string;
  readonly label: string;
  readonly meaning: string;
  readonly value: number | null;
}

/** What scores are read from: a row for each factor, a column for each latent dimension. */
export interface FactorTable {
  readonly key: "importance" | "information" | "predictability" | "robustness";
  readonly label: string;
  readonly meaning: string;
  readonly rows: readonly Values[];
  /** The value of the strongest color. */
  readonly top: number;
  /** A number for each factor, and what it is. */
  readonly beside: { readonly label: string; readonly values: Values } | null;
}

export interface FactorScores {
  readonly receipt: Receipt;
  readonly points: number | null;
  readonly factors: readonly string[];
  readonly dims: number;
  readonly scores: readonly FactorScore[];
  readonly tables: readonly FactorTable[];
}

const SCORES: readonly (readonly [path: string, label: string, meaning: string])[] = [
  ["mig", "MIG", "Mutual information gap: how far the most informative dimension of a factor is ahead of the next."],
  ["dci.disentanglement", "Disentanglement (DCI)", "How far each dimension speaks of one factor only."],
  ["dci.completeness", "Completeness (DCI)", "How far each factor is told by one dimension only."],
  ["dci.informativeness", "Informativeness (DCI)", "Share of examples whose factors are predicted from the code."],
  ["sap", "SAP", "Separated attribute predictability: how far the best single dimension predicts a factor better than the next; 0 is what guessing gives."],
  ["beta_vae", "β-VAE score", "Share of pairs with one factor in common that are told apart by which."],
  ["factor_vae", "FactorVAE score", "Share of groups with one factor in common that are told apart by their stillest dimension."],
  ["modularity", "Modularity", "How far each dimension depends on one factor only."],
  ["irs", "IRS", "Interventional robustness: how still a dimension stays while its factor does."],
];

export function parseFactorScores(value: unknown): FactorScores {
  const file = fields(value);
  const factors = list(file.factors, "factors").map((name) => text(name, "a factor"));
  const table = (name: string) => rowsOf(file[name], name, factors.length);
  const information = table("mutual_information");
  const dims = information[0]?.length ?? 0;
  return {
    receipt: parseReceipt(file),
    points: maybeNumber(file.points),
    factors,
    dims,
    scores: SCORES.map(([path, label, meaning]) => ({ key: path, label, meaning, value: at(file, path) })),
    tables: [
      {
        key: "importance",
        label: "Importance",
        meaning: "How much each dimension counts to predict a factor; rows add up to 1. At the right: share predicted.",
        rows: table("importance"),
        top: 1,
        beside: { label: "accuracy", values: columnOf(file.accuracy, "accuracy", factors.length) },
      },
      {
        key: "information",
        label: "Information",
        meaning: "What each dimension tells of a factor, in nats. At the right: how far the first is ahead of the second, as a share of the factor's entropy.",
        rows: information,
        top: Math.max(1e-9, ...information.flat().map((one) => one ?? 0)),
        beside: { label: "gap", values: columnOf(file.gaps, "gaps", factors.length) },
      },
      {
        key: "predictability",
        label: "Prediction",
        meaning: "How well each dimension alone predicts a factor.",
        rows: table("predictability"),
        top: 1,
        beside: null,
      },
      {
        key: "robustness",
        label: "Stillness",
        meaning: "How still each dimension stays while a factor does.",
        rows: table("robustness"),
        top: 1,
        beside: null,
      },
    ],
  };
}

function at(file: Readonly<Record<string, unknown>>, path: string): number | null {
  const [head = "", tail] = path.split(".");
  return tail === undefined ? maybeNumber(file[head]) : maybeNumber(fields(file[head], head)[tail]);
}

/** A matrix [D][F], turned so that a row is a factor. */
function rowsOf(value: unknown, what: string, factors: number): readonly Values[] {
  const matrix = list(value, what).map((row) => columnOf(row, what, factors));
  return Array.from({ length: factors }, (_, factor) => matrix.map((row) => row[factor] ?? null));
}

function columnOf(value: unknown, what: string, length: number): Values {
  const values = list(value, what);
  if (values.length !== length) throw new Error(`${what} has ${values.length} values where there are ${length} factors`);
  return values.map(maybeNumber);
}
