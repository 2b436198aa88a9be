"use client";
import { useId } from "react";
import type { DatasetInfo } from "@/api/launch";
import type { ConfigTree } from "@/lib/config";
import type { Field } from "@/lib/form";
import { isChanged, valueOf, variantOf } from "@/lib/launchForm";
import { Control } from "./Control";
import { useForm } from "./formContext";
import styles from "./FieldRow.module.css";

interface FieldRowProps {
  readonly field: Field;
}

/** One setting: name, control with unit, whether it is the default, what it means, what is wrong with it. */
export function FieldRow({ field }: FieldRowProps) {
  const { config, datasets, problems, set } = useForm();
  const id = useId();
  const problem = problems.find(({ path }) => path === field.path || path === `${field.path}.kind`);
  if (field.kind === "group") return <Nested field={field} fields={field.fields} />;
  const variant = field.kind === "union" ? variantOf(config, field) : null;
  const changed = field.kind !== "union" && isChanged(config, field);
  const about = variant?.description || aboutData(field, config, datasets) || field.description;
  // The head of a group: its variant's fields stand in the group itself.
  const ofGroup = field.kind === "union" && !field.path.includes(".");
  return (
    <>
      <div className={styles.row} data-invalid={problem ? "" : undefined}>
        <label className={styles.label} htmlFor={id}>
          {ofGroup ? "Kind" : field.label}
        </label>
        <div className={styles.control}>
          <Control field={field} id={id} describedBy={`${id}-about`} invalid={problem !== undefined} />
          {field.unit && <span className={styles.unit}>{field.unit}</span>}
        </div>
        <div className={styles.about} id={`${id}-about`}>
          {problem && (
            <p className={styles.problem} role="alert">
              {problem.message.replace(problem.path, "This value")}
              {problem.expected ? `. Expected: ${problem.expected}.` : ""}
            </p>
          )}
          <About text={about} />
          {field.kind !== "union" && field.path !== "name" && <DefaultMark changed={changed} fallback={field.fallback} onReset={() => set(field.path, undefined)} />}
        </div>
      </div>
      {!ofGroup && variant && variant.fields.length > 0 && <Inner fields={variant.fields} />}
    </>
  );
}

/** A description; what stands between backticks is a name. */
function About({ text }: { readonly text: string }) {
  return <span>{text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</span>;
}

/** Says what the chosen data set is, instead of what a data set is. */
function aboutData(field: Field, config: ConfigTree, datasets: readonly DatasetInfo[]): string {
  if (field.path !== "data.dataset") return "";
  return datasets.find(({ name }) => name === valueOf(config, field))?.description ?? "";
}

function Nested({ field, fields }: { readonly field: Field; readonly fields: readonly Field[] }) {
  return (
    <div className={styles.nested}>
      <p className={styles.head}>
        {field.label} <span>{field.description}</span>
      </p>
      <Inner fields={fields} />
    </div>
  );
}

function Inner({ fields }: { readonly fields: readonly Field[] }) {
  return (
    <div className={styles.inner}>
      {fields.map((field) => (
        <FieldRow key={field.path} field={field} />
      ))}
    </div>
  );
}

interface DefaultMarkProps {
  readonly changed: boolean;
  readonly fallback: unknown;
  readonly onReset: () => void;
}

function DefaultMark({ changed, fallback, onReset }: DefaultMarkProps) {
  const words = fallback === null || fallback === undefined || fallback === "" ? "empty" : typeof fallback === "object" ? JSON.stringify(fallback) : String(fallback);
  if (!changed) return <span className={styles.default}>default</span>;
  return (
    <button type="button" className={styles.reset} onClick={onReset} title={`Back to the default, ${words}`}>
      default: {words}
    </button>
  );
}
