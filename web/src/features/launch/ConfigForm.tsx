"use client";
import { useEffect, useRef, useState } from "react";
import type { DatasetInfo } from "@/api/launch";
import type { FieldProblem, Problem } from "@/api/problem";
import { setAt, type ConfigTree } from "@/lib/config";
import { owns, type Field } from "@/lib/form";
import { chooseKind, GROUPS, isChanged, isFirst, variantOf } from "@/lib/launchForm";
import { FieldRow } from "./FieldRow";
import { FormContext, type FormTools } from "./formContext";
import styles from "./ConfigForm.module.css";

interface ConfigFormProps {
  readonly form: readonly Field[];
  readonly datasets: readonly DatasetInfo[];
  readonly config: ConfigTree;
  readonly problem: Problem | null;
  readonly onChange: (config: ConfigTree) => void;
}

/** The whole configuration as a form: groups of settings, the less common ones behind "more". */
export function ConfigForm({ form, datasets, config, problem, onChange }: ConfigFormProps) {
  const root = useRef<HTMLFormElement>(null);
  const problems = problem?.fields ?? [];
  useEffect(() => {
    if (problem?.fields.length) root.current?.querySelector("[data-invalid]")?.scrollIntoView({ block: "center" });
  }, [problem]);
  const tools: FormTools = {
    config,
    datasets,
    problems,
    set: (path, value) => onChange(setAt(config, path, value)),
    choose: (field, kind) => onChange(chooseKind(config, field, kind, form)),
  };
  const own = form.filter((field) => field.path === "name" || field.path === "seed" || field.path === "tags");
  const rest = form.filter((field) => !GROUPS.some(({ path }) => path === field.path) && !own.includes(field));
  const groups = GROUPS.flatMap((group) => {
    const field = form.find(({ path }) => path === group.path);
    return field ? [{ ...group, field }] : [];
  });
  return (
    <FormContext value={tools}>
      <form ref={root} className={styles.form} onSubmit={(event) => event.preventDefault()} aria-label="Configuration">
        {groups.map(({ path, title, about, field }) => {
          const inner = innerFields(config, field);
          const first = [...(field.kind === "union" && path !== "objective" ? [field] : []), ...inner.filter(isFirst)];
          const more = inner.filter((item) => !isFirst(item));
          return <Group key={path} {...{ title, about, first, more, problems, config }} />;
        })}
        <Group title="Run" about="What it is called, and its seed." first={own} more={rest} problems={problems} config={config} />
      </form>
    </FormContext>
  );
}

function innerFields(config: ConfigTree, field: Field): readonly Field[] {
  if (field.kind === "group") return field.fields;
  if (field.kind === "union") return variantOf(config, field)?.fields ?? [];
  return [field];
}

interface GroupProps {
  readonly title: string;
  readonly about: string;
  readonly first: readonly Field[];
  readonly more: readonly Field[];
  readonly problems: readonly FieldProblem[];
  readonly config: ConfigTree;
}

function Group({ title, about, first, more, problems, config }: GroupProps) {
  const [opened, setOpened] = useState(false);
  const wrong = more.some((field) => problems.some(({ path }) => owns(field, path)));
  const open = opened || wrong;
  const changed = more.filter((field) => isChanged(config, field)).length;
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>
        <span className={styles.title}>{title}</span>
        <span className={styles.about}>{about}</span>
      </legend>
      {first.map((field) => (
        <FieldRow key={field.path} field={field} />
      ))}
      {more.length > 0 && (
        <button type="button" className={styles.more} aria-expanded={open} onClick={() => setOpened(!open)}>
          {open ? "Fewer settings" : `${more.length} more ${more.length === 1 ? "setting" : "settings"}`}
          {!open && changed > 0 && <b>{changed} changed</b>}
        </button>
      )}
      {open && more.map((field) => <FieldRow key={field.path} field={field} />)}
    </fieldset>
  );
}
