import { expect, it } from "vitest";
import { parseDiagnoses, ruleWords } from "./diagnoses";

const FINDING = {
  rule: "dead_components", severity: "problem", epoch: 24, step: 864, title: "Component 1 is dead", text: "It holds no point.",
  evidence: { dead: [1, 4], smallest_weight: 0.00241, unit: "share", gone: null }, knob: { key: "model.components", advice: "Try 8." },
};

it("reads findings in the order in which they began, with their evidence in words", () => {
  const { findings } = parseDiagnoses({ findings: [FINDING, { ...FINDING, epoch: 3, severity: "warning", knob: null }], checked: [] });
  expect(findings.map(({ epoch, severity }) => [epoch, severity])).toEqual([[3, "warning"], [24, "problem"]]);
  expect(findings[1]?.evidence).toEqual([
    { name: "dead", value: "1, 4" },
    { name: "smallest weight", value: "0.002" },
    { name: "unit", value: "share" },
    { name: "gone", value: "–" },
  ]);
  expect(findings[0]?.knob).toBeNull();
});

it("cuts a long list of evidence, and says how long it is", () => {
  const evidence = { z: Array.from({ length: 40 }, (_, at) => at) };
  expect(parseDiagnoses({ findings: [{ ...FINDING, evidence }], checked: [] }).findings[0]?.evidence[0]?.value).toMatch(/7, … 40 in all$/);
});

it("says what was looked at, and refuses what is no diagnosis", () => {
  const { checked, findings } = parseDiagnoses({ findings: [], checked: [{ rule: "dead_components", applies: false, why: "no mixture" }, { rule: "overfitting", applies: true }] });
  expect(findings).toEqual([]);
  expect(checked).toEqual([{ rule: "dead_components", applies: false, why: "no mixture" }, { rule: "overfitting", applies: true, why: null }]);
  expect(() => parseDiagnoses({ checked: [] })).toThrow(/findings is not a list/);
  expect(() => parseDiagnoses({ findings: [{ ...FINDING, epoch: "soon" }] })).toThrow(/epoch/);
});

it("has words for rules it does not know", () => {
  expect([ruleWords("prior_holes"), ruleWords("new_rule")]).toEqual(["holes in the prior", "new rule"]);
});
