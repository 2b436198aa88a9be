import { fields, type Fields } from "./check";

/** What a form shows of one setting; made out of the configuration's JSON Schema. */
export interface FieldBase {
  readonly path: string;
  readonly label: string;
  readonly description: string;
  readonly unit: string | null;
  readonly fallback: unknown;
}

export type Field = FieldBase &
  (
    | { readonly kind: "number"; readonly whole: boolean; readonly min: number | null; readonly max: number | null; readonly optional: boolean }
    | { readonly kind: "choice"; readonly options: readonly string[] }
    | { readonly kind: "switch" }
    | { readonly kind: "text"; readonly optional: boolean; readonly long: boolean }
    | { readonly kind: "list"; readonly numeric: boolean; readonly optional: boolean }
    | { readonly kind: "group"; readonly fields: readonly Field[] }
    | { readonly kind: "union"; readonly variants: readonly Variant[] }
    | { readonly kind: "other" }
  );

/** One kind of a discriminated union: its own fields and what they start from. */
export interface Variant {
  readonly kind: string;
  readonly description: string;
  readonly fields: readonly Field[];
  readonly fallback: Fields;
}

export type FieldOf<K extends Field["kind"]> = Extract<Field, { kind: K }>;

/** Reads a configuration's JSON Schema; references are followed, unknown forms become "other". */
export function readSchema(schema: unknown): readonly Field[] {
  const root = fields(schema, "the schema");
  const reader = new Reader(fields(root.$defs ?? {}, "$defs"));
  return reader.properties(root, "");
}

class Reader {
  constructor(private readonly definitions: Fields) {}

  properties(schema: Fields, prefix: string): readonly Field[] {
    return Object.entries(fields(schema.properties ?? {}, "properties"))
      .filter(([name]) => name !== "kind")
      .map(([name, value]) => this.field(name, prefix ? `${prefix}.${name}` : name, fields(value, name)));
  }

  private field(name: string, path: string, raw: Fields): Field {
    const optional = list(raw.anyOf).some((item) => fields(item).type === "null");
    const schema = { ...this.resolve(raw), ...pick(raw, ["description", "default", "unit"]) };
    const base: FieldBase = {
      path,
      label: labelOf(name),
      description: typeof schema.description === "string" ? schema.description : "",
      unit: typeof schema.unit === "string" ? schema.unit : null,
      fallback: schema.default,
    };
    return this.shape(base, schema, optional);
  }

  private shape(base: FieldBase, schema: Fields, optional: boolean): Field {
    if (schema.discriminator) return { ...base, kind: "union", variants: this.variants(schema, base.path) };
    if (schema.properties) return { ...base, kind: "group", fields: this.properties(schema, base.path) };
    if (Array.isArray(schema.enum)) return { ...base, kind: "choice", options: schema.enum.map(String) };
    switch (schema.type) {
      case "boolean":
        return { ...base, kind: "switch" };
      case "integer":
      case "number":
        return { ...base, kind: "number", whole: schema.type === "integer", min: bound(schema.minimum ?? schema.exclusiveMinimum), max: bound(schema.maximum ?? schema.exclusiveMaximum), optional };
      case "string":
        return { ...base, kind: "text", optional, long: typeof schema.maxLength === "number" && schema.maxLength > 1000 };
      case "array": {
        const item = fields(schema.items ?? {}).type;
        const plain = item === "string" || item === "integer" || item === "number";
        return plain ? { ...base, kind: "list", numeric: item !== "string", optional } : { ...base, kind: "other" };
      }
      default:
        return { ...base, kind: "other" };
    }
  }

  private variants(schema: Fields, path: string): readonly Variant[] {
    return list(schema.oneOf).map((item) => {
      const variant = this.resolve(fields(item));
      const properties = fields(variant.properties ?? {});
      const kind = String(fields(properties.kind ?? {}).const ?? "");
      const inner = this.properties(variant, path);
      const defaults = inner.map((field) => [field.path.slice(path.length + 1), field.fallback] as const);
      const fallback = { kind, ...Object.fromEntries(defaults) };
      return { kind, description: typeof variant.description === "string" ? variant.description : "", fields: inner, fallback };
    });
  }

  /** Follows a reference, and takes the one alternative that is not null. */
  private resolve(schema: Fields): Fields {
    if (typeof schema.$ref === "string") {
      return this.resolve(fields(this.definitions[schema.$ref.split("/").at(-1) ?? ""] ?? {}));
    }
    const real = list(schema.anyOf).map((item) => fields(item)).filter((item) => item.type !== "null");
    return real.length === 1 ? this.resolve(real[0] as Fields) : schema;
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function bound(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function pick(source: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => source[name] !== undefined).map((name) => [name, source[name]]));
}

const LABELS: Readonly<Record<string, string>> = {
  lr: "Learning rate",
  beta: "β",
  kld_weight: "KL weight",
  net: "Networks",
  latent_dim: "Latent dimensions",
  recon_reduction: "Reconstruction error",
  final_lr_fraction: "Final learning rate",
  dataset: "Data set",
  categorical_kl_anneal: "Anneal the KL of c",
  categorical_kl_anneal_epochs: "Length of the annealing",
  categorical_kl_max_weight: "KL of c at its end",
  entropy_bonus_enable: "Entropy bonus",
};

function labelOf(name: string): string {
  const known = LABELS[name];
  if (known) return known;
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The field that a server's complaint is about: the deepest one on its path. */
export function owns(field: Field, path: string): boolean {
  return path === field.path || path.startsWith(`${field.path}.`);
}
