"use client";
import type { DatasetInfo } from "@/api/launch";
import { count } from "@/lib/format";
import type { Field } from "@/lib/form";
import { valueOf } from "@/lib/launchForm";
import { datasetWords } from "@/lib/words";
import { Select } from "@/ui/Select";
import { useForm } from "./formContext";
import styles from "./Control.module.css";

interface DatasetSelectProps {
  readonly field: Field;
  readonly id: string;
  readonly describedBy: string;
  readonly invalid: boolean;
}

/** Data sets by name, with those that are here first, and what the others would download. */
export function DatasetSelect({ field, id, describedBy, invalid }: DatasetSelectProps) {
  const { config, datasets, set } = useForm();
  const value = String(valueOf(config, field) ?? "");
  const sorted = [...datasets].sort((a, b) => Number(b.ready) - Number(a.ready));
  const options = sorted.map((dataset) => ({ value: dataset.name, label: words(dataset) }));
  if (!options.some((option) => option.value === value)) options.push({ value, label: value });
  return (
    <Select id={id} describedBy={describedBy} invalid={invalid} className={styles.wide} value={value} options={options} onChange={(next) => set(field.path, next)} />
  );
}

function words(dataset: DatasetInfo): string {
  const name = datasetWords(dataset.name);
  if (dataset.kind === "path") return `${name}: a file or folder of yours`;
  if (!dataset.ready) return `${name}, downloads ${Math.ceil(dataset.download_bytes / 1e6)} MB`;
  return dataset.train ? `${name}, ${count(dataset.train)} examples` : name;
}
