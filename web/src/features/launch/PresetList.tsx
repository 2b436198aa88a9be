"use client";
import type { Preset } from "@/api/launch";
import { getAt } from "@/lib/config";
import { datasetWords, modelWords } from "@/lib/words";
import styles from "./PresetList.module.css";
import { PresetPicture } from "./PresetPicture";

interface PresetListProps {
  readonly presets: readonly Preset[];
  readonly chosen: string | null;
  /** Whether the form no longer says what the chosen preset says. */
  readonly modified: boolean;
  readonly onChoose: (name: string) => void;
}

/** Ready configurations, each with what one will see. */
export function PresetList({ presets, chosen, modified, onChoose }: PresetListProps) {
  if (presets.length === 0) return <p className={styles.none}>No presets are installed. The form starts from the defaults.</p>;
  return (
    <>
      <h2 className={styles.title}>Start from a preset</h2>
      <ul className={styles.list}>
        {presets.map((preset) => (
          <li key={preset.name}>
            <button type="button" className={styles.card} aria-pressed={preset.name === chosen} title={modified && preset.name === chosen ? "The form says something else by now. Click to take back your changes." : undefined} onClick={() => onChoose(preset.name)}>
              <PresetPicture name={preset.name} model={modelWords(String(getAt(preset.config, "model.kind") ?? ""))} />
              <span className={styles.body}>
                <span className={styles.name}>
                  {titleOf(preset)}
                  {modified && preset.name === chosen && <span className={styles.modified}>modified</span>}
                </span>
                <span className={styles.facts}>{facts(preset)}</span>
                <span className={styles.sentence}>{preset.description}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function titleOf(preset: Preset): string {
  const name = preset.config.name;
  const title = typeof name === "string" && name ? name : (preset.name.split("/").at(-1) ?? preset.name);
  return title.replace(/^[a-z]/, (letter) => letter.toUpperCase()); // a β stays one: its capital looks like a B
}

function facts({ config }: Preset): string {
  const epochs = getAt(config, "schedule.epochs");
  const parts = [
    modelWords(String(getAt(config, "model.kind") ?? "VAE")),
    datasetWords(String(getAt(config, "data.dataset") ?? "mnist-5k")),
    typeof epochs === "number" ? `${epochs} epochs` : null,
  ];
  return parts.filter(Boolean).join(" · ");
}
