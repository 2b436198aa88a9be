import { describe, expect, it } from "vitest";
import { parseFactorScores } from "./factorScores";
import { parseSharing } from "./sharing";

const SCORES = {
  points: 600, factors: ["x", "hue"], mig: 0.4, dci: { disentanglement: 0.5, completeness: 0.6, informativeness: 0.7 },
  sap: 0.1, beta_vae: 0.9, factor_vae: 0.8, modularity: 0.95, irs: null, gaps: [0.3, 0.5], entropy: [1, 2],
  mutual_information: [[1, 0], [0.2, 2], [0, null]], importance: [[0.9, 0.1], [0.1, 0.9], [0, 0]], accuracy: [0.6, 0.8],
  predictability: [[1, 0], [0, 1], [0, 0]], robustness: [[1, 0], [0, 1], [0, 0]],
};

describe("scores of factors", () => {
  it("turns matrices so that a row is a factor", () => {
    const scores = parseFactorScores(SCORES);
    expect(scores.dims).toBe(3);
    expect(scores.tables.map(({ key }) => key)).toEqual(["importance", "information", "predictability", "robustness"]);
    expect(scores.tables[0]?.rows).toEqual([[0.9, 0.1, 0], [0.1, 0.9, 0]]);
    expect(scores.tables[1]).toMatchObject({ rows: [[1, 0.2, 0], [0, 2, null]], top: 2, beside: { label: "gap", values: [0.3, 0.5] } });
  });

  it("reads every score, and leaves out of none what could not be computed", () => {
    const { scores } = parseFactorScores(SCORES);
    expect(Object.fromEntries(scores.map(({ key, value }) => [key, value]))).toEqual({
      mig: 0.4, "dci.disentanglement": 0.5, "dci.completeness": 0.6, "dci.informativeness": 0.7,
      sap: 0.1, beta_vae: 0.9, factor_vae: 0.8, modularity: 0.95, irs: null,
    });
    expect(() => parseFactorScores({ ...SCORES, accuracy: [1] })).toThrow("accuracy has 1 values where there are 2 factors");
    expect(() => parseFactorScores({ ...SCORES, importance: [[1]] })).toThrow("importance has 1 values");
  });
});

const SHARING = {
  points: 8, factors: ["x", "hue"], dimension: [0.9, 0.1, 1], by_factor: [[1, 0, 1], [null, null, null]], pairs: [8, 0],
  examples: [{ first: 3, second: 9, changed: [1, 7], shared: [true, false, true] }],
};

describe("sharing", () => {
  it("reads shares, and examples by the names of what changed", () => {
    const sharing = parseSharing(SHARING);
    expect(sharing.byFactor).toEqual([[0, 1, 0], [null, null, null]]);
    expect(sharing.apart.map((share) => share.toFixed(2))).toEqual(["0.10", "0.90", "0.00"]);
    expect(sharing.examples).toEqual([{ first: 3, second: 9, changed: ["hue", "factor 7"], shared: [true, false, true] }]);
    expect(parseSharing({ ...SHARING, examples: undefined }).examples).toEqual([]);
  });

  it("says what is damaged", () => {
    expect(() => parseSharing({ ...SHARING, by_factor: [[1, 0, 1]] })).toThrow("a row of all dimensions for each factor");
    expect(() => parseSharing({ ...SHARING, examples: [{ ...SHARING.examples[0], shared: [true] }] })).toThrow("each dimension");
  });
});
