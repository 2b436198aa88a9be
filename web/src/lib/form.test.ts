import { describe, expect, it } from "vitest";
import { setAt, type ConfigTree } from "./config";
import { readSchema, type Field } from "./form";
import { chooseKind, honestName, isChanged, isModified, readNumber, valueOf, variantOf } from "./launchForm";

const SCHEMA = {
  $defs: {
    Vae: { description: "A VAE.", properties: { kind: { const: "vae" }, latent_dim: { type: "integer", default: 10, minimum: 1, unit: "dimensions" } } },
    Gm: { properties: { kind: { const: "gm" }, latent_dim: { type: "integer", default: 10 }, components: { type: "integer", default: 10 } } },
    VaeLoss: { properties: { kind: { const: "vae" }, beta: { type: "number", default: 1, minimum: 0 } } },
    GmLoss: { properties: { kind: { const: "gm" }, kld_weight: { type: "number", default: 1 } } },
    Schedule: { properties: { epochs: { anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }], default: null, description: "Length.", unit: "epochs" } } },
  },
  properties: {
    name: { type: "string", default: "", maxLength: 200 },
    model: { discriminator: { propertyName: "kind" }, default: { kind: "vae" }, oneOf: [{ $ref: "#/$defs/Vae" }, { $ref: "#/$defs/Gm" }] },
    objective: { discriminator: { propertyName: "kind" }, oneOf: [{ $ref: "#/$defs/VaeLoss" }, { $ref: "#/$defs/GmLoss" }] },
    schedule: { $ref: "#/$defs/Schedule", default: { epochs: null }, description: "How long." },
    tags: { type: "array", items: { type: "string" }, default: [] },
    mode: { enum: ["a", "b"], default: "a" },
  },
};
const form = readSchema(SCHEMA);
const at = (path: string) => form.find((field) => field.path === path) as Field;
const union = (path: string) => at(path) as Extract<Field, { kind: "union" }>;

describe("readSchema", () => {
  it("finds the control of every setting", () => {
    expect(form.map(({ path, kind }) => `${path}:${kind}`)).toEqual(["name:text", "model:union", "objective:union", "schedule:group", "tags:list", "mode:choice"]);
  });

  it("follows references and reads optional numbers", () => {
    const schedule = at("schedule");
    expect(schedule.description).toBe("How long.");
    const epochs = schedule.kind === "group" ? schedule.fields[0] : null;
    expect(epochs).toMatchObject({ kind: "number", path: "schedule.epochs", optional: true, whole: true, min: 0, unit: "epochs", description: "Length." });
  });
});

describe("launch form", () => {
  it("lets the objective follow the model, and keeps what both kinds have", () => {
    const before: ConfigTree = { model: { kind: "vae", latent_dim: 3 }, objective: { kind: "vae", beta: 4 } };
    const after = chooseKind(before, union("model"), "gm", form);
    expect(after).toEqual({ model: { kind: "gm", latent_dim: 3 }, objective: { kind: "gm" } });
  });

  it("shows the objective of the model even where none is written", () => {
    expect(variantOf({ model: { kind: "gm" } }, union("objective"))?.kind).toBe("gm");
    expect(variantOf({}, union("model"))?.kind).toBe("vae");
  });

  it("knows a changed setting from a default one", () => {
    const changed = setAt({}, "mode", "b");
    expect(isChanged(changed, at("mode"))).toBe(true);
    expect(isChanged(setAt(changed, "mode", undefined), at("mode"))).toBe(false);
    expect(valueOf({}, at("mode"))).toBe("a");
  });

  it("reads numbers as people type them", () => {
    expect([readNumber("1e-3", false), readNumber("−2", true), readNumber("60,000", true)]).toEqual([0.001, -2, 60000]);
    expect([readNumber("1.5", true), readNumber("a", false), readNumber("", false)]).toEqual([null, null, null]);
  });
});

describe("a preset that was changed", () => {
  const preset: ConfigTree = { name: "Ten digits", model: { kind: "gm", components: 10 }, data: { dataset: "mnist-5k" } };

  it("is told from the preset by its settings, not by its name", () => {
    expect(isModified(preset, preset)).toBe(false);
    expect(isModified({ data: preset.data, model: preset.model, name: "mine" }, preset)).toBe(false);
    expect(isModified(setAt(preset, "model.components", 9), preset)).toBe(true);
    expect(isModified(setAt(preset, "schedule.epochs", 3), preset)).toBe(true);
  });

  it("loses the preset's name with its model or data, and gets it back with them", () => {
    const other = honestName(setAt(preset, "data.dataset", "digits"), preset);
    expect(other.name).toBeUndefined();
    expect(honestName(setAt(other, "data.dataset", "mnist-5k"), preset).name).toBe("Ten digits");
    expect(honestName(setAt(preset, "model.components", 9), preset).name).toBe("Ten digits");
    expect(honestName({ ...other, name: "mine" }, preset).name).toBe("mine");
  });
});
