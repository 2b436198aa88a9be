import { describe, expect, it } from "vitest";
import { firstChoice, gateWish, isScore, ladder, parseInterventions, targetOf, USUAL_GATE } from "./interventions";

const NONE = { r2: null, slope: null, intercept: null, bins: Array<null>(10).fill(null) };
const LINE = { r2: 0.8, slope: 1, intercept: 0, bins: Array<number>(10).fill(0.5) };
const STUDY = {
  dataset_idx: [4, 7],
  subjects: [
    { name: "polar", of: "regularizer", kind: "pin", similarity: [0, 1] },
    { name: "red", of: "concept", kind: null, similarity: [0.2, 0.9] },
  ],
  interventions: [
    { name: "suppress polar", kind: "suppress", subject: 0, dimensions: [], added: [0, 0.5], mean: 0.25 },
    { name: "suppress red", kind: "suppress", subject: 1, dimensions: [], added: [0, null], mean: 0.2 },
    { name: "ablate 0", kind: "ablate", subject: null, dimensions: [0], added: [0.1, 0.1], mean: 0.1 },
  ],
  effects: [[LINE, { ...LINE, r2: 0.95 }], [{ ...LINE, r2: 0.99 }, { ...LINE, r2: 0.9 }], [NONE, NONE]],
  colors: { input: ["#ff0000", "#00ff00"], before: ["#fe0000", "#00fe00"], after: [["#000000", "#000000"], ["#111111", "#111111"], ["#222222", "#222222"]] },
  left_out: { dimensions: [40], subjects: ["many"] },
};

describe("interventions", () => {
  it("reads subjects, interventions, effects and swatches", () => {
    const study = parseInterventions(STUDY);
    expect(study.subjects.map(({ is }) => is)).toEqual(["pin", "concept"]);
    expect(study.interventions[1]?.added[1]).toBeNaN();
    expect(study.effects[2]?.[1]?.r2).toBeNull();
    expect(study.swatches?.after[1]).toEqual(["#111111", "#111111"]);
    expect(study.leftOut).toEqual(["many", "z[40]"]);
    expect(study.interventions.map(targetOf)).toEqual(["polar", "red", "z[0]"]);
    expect(parseInterventions({ ...STUDY, colors: null, left_out: undefined })).toMatchObject({ swatches: null, leftOut: [] });
  });

  it("begins with the best score, which is of a subject's own direction", () => {
    const study = parseInterventions(STUDY);
    expect(isScore(study, { intervention: 0, subject: 0 })).toBe(true);
    expect(isScore(study, { intervention: 0, subject: 1 })).toBe(false);
    expect(firstChoice(study)).toEqual({ intervention: 1, subject: 1 });
    const bare = { ...study, interventions: study.interventions.map((one) => ({ ...one, subject: null })) };
    expect(firstChoice(bare)).toEqual({ intervention: 1, subject: 0 });
  });

  it("says what is damaged", () => {
    expect(() => parseInterventions({ ...STUDY, effects: [[LINE, LINE]] })).toThrow("one for each intervention and subject");
    expect(() => parseInterventions({ ...STUDY, colors: { ...STUDY.colors, after: [] } })).toThrow("a row for each intervention");
    expect(() => parseInterventions({ ...STUDY, colors: { ...STUDY.colors, input: ["red", "#00ff00"] } })).toThrow("red, which is no color");
    expect(() => parseInterventions({ ...STUDY, interventions: STUDY.interventions.map((one) => ({ ...one, subject: 5 })) })).toThrow("a subject that is not there");
    expect(() => parseInterventions({ ...STUDY, interventions: STUDY.interventions.map((one) => ({ ...one, kind: "scramble" })) })).toThrow("scramble is no intervention");
  });

  it("picks a ladder of examples by similarity, each once", () => {
    const similarity = new Float32Array([0, 0, 0, 0, 0, 0, 0.5, 1]);
    const picked = ladder(similarity, 3);
    expect(picked.map((at) => similarity[at])).toEqual([0, 0.5, 1]);
    expect(new Set(ladder(similarity, 7)).size).toBe(7);
    expect(ladder(similarity, 99)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

it("asks for nothing but what is not as recorded, so that one file has one name", () => {
  expect(gateWish(USUAL_GATE)).toBeNull();
  expect(gateWish({ ...USUAL_GATE, threshold: 300 })).toEqual({ threshold: 300 });
  expect(gateWish({ threshold: 300, strength: 600 })).toEqual({ threshold: 300, strength: 600 });
});
