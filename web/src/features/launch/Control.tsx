"use client";
import { useState } from "react";
import type { Field, FieldOf } from "@/lib/form";
import { readNumber, valueOf, variantOf } from "@/lib/launchForm";
import { modelWords } from "@/lib/words";
import { Toggle } from "@/ui/Checkbox";
import { Segmented } from "@/ui/Segmented";
import { Select } from "@/ui/Select";
import { TextInput } from "@/ui/TextInput";
import { DatasetSelect } from "./DatasetSelect";
import { useForm } from "./formContext";
import styles from "./Control.module.css";

interface ControlProps<F extends Field> {
  readonly field: F;
  readonly id: string;
  readonly describedBy: string;
  readonly invalid: boolean;
}

/** The control that fits a setting's type. */
export function Control({ field, ...rest }: ControlProps<Field>) {
  const { config, set, choose } = useForm();
  if (field.path === "data.dataset") return <DatasetSelect field={field} {...rest} />;
  switch (field.kind) {
    case "number":
      return <NumberControl field={field} {...rest} />;
    case "choice":
      return <Choice field={field} {...rest} />;
    case "switch":
      return <Toggle id={rest.id} describedBy={rest.describedBy} checked={valueOf(config, field) === true} onChange={(on) => set(field.path, on)} />;
    case "text":
      return <TextInput id={rest.id} aria-describedby={rest.describedBy} invalid={rest.invalid} className={styles.wide} placeholder={field.path === "name" ? "named by date, model and data" : undefined} value={asText(valueOf(config, field))} onChange={(event) => set(field.path, event.target.value || (field.optional ? null : ""))} />;
    case "list":
      return <ListControl field={field} {...rest} />;
    case "union":
      return <Select id={rest.id} describedBy={rest.describedBy} invalid={rest.invalid} className={styles.wide} value={variantOf(config, field)?.kind ?? ""} options={field.variants.filter(({ kind }) => kind !== "custom" && kind !== "module").map(({ kind }) => ({ value: kind, label: kindWords(kind) }))} onChange={(kind) => choose(field, kind)} />;
    case "group":
      return null;
    case "other":
      return <span className={styles.given}>{valueOf(config, field) ? "given by the preset" : "none; set in a configuration file"}</span>;
  }
}

function NumberControl({ field, id, describedBy, invalid }: ControlProps<FieldOf<"number">>) {
  const { config, set } = useForm();
  const value = valueOf(config, field);
  const shown = value === null || value === undefined ? "" : String(value);
  const [typed, setTyped] = useState<{ text: string; of: string } | null>(null);
  const text = typed && typed.of === shown ? typed.text : shown;
  const wrong = text.trim() !== "" && readNumber(text, field.whole) === null;
  const type = (next: string) => {
    const number = readNumber(next, field.whole);
    const kept = next.trim() === "" ? (field.optional ? null : undefined) : number;
    if (next.trim() !== "" && number === null) setTyped({ text: next, of: shown });
    else {
      const after = kept === undefined || kept === null ? shownOf(kept, field) : String(kept);
      setTyped({ text: next, of: after });
      set(field.path, kept);
    }
  };
  const range = field.min !== null || field.max !== null ? `from ${field.min ?? "−∞"} to ${field.max ?? "∞"}` : undefined;
  return (
    <TextInput id={id} inputMode={field.whole ? "numeric" : "decimal"} aria-describedby={describedBy} invalid={invalid || wrong} title={range} className={styles.number} placeholder={field.optional ? "auto" : undefined} value={text} onChange={(event) => type(event.target.value)} onBlur={() => setTyped(null)} />
  );
}

/** What the field shows once the value is left out or empty. */
function shownOf(kept: null | undefined, field: Field): string {
  if (kept === null) return field.fallback === null || field.fallback === undefined ? "" : String(field.fallback);
  return String(field.fallback ?? "");
}

function Choice({ field, id, describedBy, invalid }: ControlProps<FieldOf<"choice">>) {
  const { config, set } = useForm();
  const value = asText(valueOf(config, field));
  const options = field.options.map((option) => ({ value: option, label: option }));
  if (options.length <= 3 && field.options.join("").length < 26) {
    return <Segmented label={field.label} value={value} options={options} onChange={(next) => set(field.path, next)} />;
  }
  return <Select id={id} describedBy={describedBy} invalid={invalid} className={styles.wide} value={value} options={options} onChange={(next) => set(field.path, next)} />;
}

function ListControl({ field, id, describedBy, invalid }: ControlProps<FieldOf<"list">>) {
  const { config, set } = useForm();
  const value = valueOf(config, field);
  const items: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [];
  const [text, setText] = useState(items.join(", "));
  const [wrong, setWrong] = useState(false);
  const type = (next: string) => {
    setText(next);
    const words = next.split(/[,\s]+/).filter(Boolean);
    const numbers = words.map((word) => readNumber(word, true));
    const bad = field.numeric && numbers.includes(null);
    setWrong(bad);
    if (!bad) set(field.path, words.length === 0 && field.optional ? null : field.numeric ? numbers : words);
  };
  return <TextInput id={id} aria-describedby={describedBy} invalid={invalid || wrong} className={styles.wide} placeholder={field.optional ? "auto" : "none"} value={text} onChange={(event) => type(event.target.value)} />;
}

function asText(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

const KINDS: Readonly<Record<string, string>> = { mlp: "Fully connected", conv: "Convolutional" };

function kindWords(kind: string): string {
  return KINDS[kind] ?? modelWords(kind);
}
