import { datasetWords, modelWords } from "./words";

export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigTree;
export interface ConfigTree {
  readonly [name: string]: ConfigValue | undefined;
}

function tree(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

/** One line about a run: model, size, data, seed. */
export function describeModel(config: unknown): string {
  const root = tree(config);
  const model = tree(root.model);
  const objective = tree(root.objective);
  const data = tree(root.data);
  const size = [
    typeof model.latent_dim === "number" ? `${model.latent_dim}-D` : null,
    typeof model.components === "number" ? `${model.components} components` : null,
    typeof objective.beta === "number" ? `β ${objective.beta}` : null,
  ];
  const parts = [
    [modelWords(String(model.kind ?? "model")), size.filter(Boolean).join(", ")].filter(Boolean).join(" · "),
    typeof data.dataset === "string" ? datasetWords(data.dataset) : null,
    typeof root.seed === "number" ? `seed ${root.seed}` : null,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** Every single setting of a configuration, by its dotted path. */
export function leaves(config: unknown, prefix = ""): readonly { readonly path: string; readonly value: unknown }[] {
  return Object.entries(tree(config)).flatMap(([name, value]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
    return isGroup ? leaves(value, path) : [{ path, value }];
  });
}

/** The value at a dotted path; undefined where there is none. */
export function getAt(config: unknown, path: string): unknown {
  return path === "" ? config : path.split(".").reduce<unknown>((value, name) => tree(value)[name], config);
}

/** The configuration with another value at a dotted path; undefined takes the setting out. */
export function setAt(config: ConfigTree, path: string, value: unknown): ConfigTree {
  const [name = "", ...rest] = path.split(".");
  const inner = rest.length === 0 ? value : setAt(tree(config[name]) as ConfigTree, rest.join("."), value);
  const others = Object.entries(config).filter(([key]) => key !== name);
  return inner === undefined ? Object.fromEntries(others) : { ...config, [name]: inner as ConfigValue };
}
