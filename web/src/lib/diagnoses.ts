import { fields, list, maybeNumber, number, text } from "./check";
import { steady } from "./format";
import { parseReceipt, type Receipt } from "./receipt";

/** Something that went wrong in a run, pinned to the epoch where it began. */
export interface Finding {
  readonly rule: string;
  readonly severity: "warning" | "problem";
  readonly epoch: number;
  readonly title: string;
  readonly text: string;
  /** Numbers and words that it rests on, ready to be read. */
  readonly evidence: readonly { readonly name: string; readonly value: string }[];
  /** The one setting to try, by its dotted path; null where there is none. */
  readonly knob: { readonly key: string; readonly advice: string } | null;
}

/** One rule that was looked at, or could not be. */
export interface Checked {
  readonly rule: string;
  readonly applies: boolean;
  readonly why: string | null;
}

export interface Diagnoses {
  readonly receipt: Receipt;
  /** In the order in which they began. */
  readonly findings: readonly Finding[];
  readonly checked: readonly Checked[];
}

export function parseDiagnoses(value: unknown): Diagnoses {
  const file = fields(value);
  const findings = list(file.findings, "findings").map(finding);
  return {
    receipt: parseReceipt(file),
    findings: findings.sort((a, b) => a.epoch - b.epoch),
    checked: list(file.checked ?? [], "checked").map((item) => {
      const { rule, applies, why } = fields(item, "checked");
      return { rule: text(rule, "checked.rule"), applies: applies === true, why: typeof why === "string" && why !== "" ? why : null };
    }),
  };
}

function finding(value: unknown): Finding {
  const item = fields(value, "findings");
  const knob = item.knob === null || item.knob === undefined ? null : fields(item.knob, "findings.knob");
  return {
    rule: text(item.rule, "findings.rule"),
    severity: item.severity === "problem" ? "problem" : "warning",
    epoch: number(item.epoch, "findings.epoch"),
    title: text(item.title, "findings.title"),
    text: text(item.text ?? "", "findings.text"),
    evidence: Object.entries(fields(item.evidence ?? {}, "findings.evidence")).map(([name, said]) => ({ name: name.replaceAll("_", " "), value: evidenceWords(said) })),
    knob: knob && { key: text(knob.key, "findings.knob.key"), advice: text(knob.advice ?? "", "findings.knob.advice") },
  };
}

const MOST_SHOWN = 8;

function evidenceWords(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (!Array.isArray(value)) return amountWords(value);
  const shown = value.slice(0, MOST_SHOWN).map(amountWords);
  return value.length === 0 ? "none" : shown.join(", ") + (value.length > shown.length ? `, … ${value.length} in all` : "");
}

function amountWords(value: unknown): string {
  const finite = maybeNumber(value);
  if (finite === null) return typeof value === "string" ? value : "–";
  return Number.isInteger(finite) ? finite.toLocaleString("en") : steady(finite);
}

const RULES: Readonly<Record<string, string>> = {
  posterior_collapse: "posterior collapse",
  dead_components: "dead components",
  overfitting: "overfitting",
  prior_holes: "holes in the prior",
  exploding_norms: "exploding norms",
  vanishing_norms: "vanishing norms",
  learning_rate_too_high: "a learning rate that is too high",
};

/** What people call a rule. */
export function ruleWords(rule: string): string {
  return RULES[rule] ?? rule.replaceAll("_", " ");
}
