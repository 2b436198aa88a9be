"use client";
import { useState } from "react";
import { presetPicture } from "@/lib/presetPicture";
import styles from "./PresetList.module.css";

/** What a preset's map looks like in the end; drawn beforehand out of a real run. */
export function PresetPicture({ name, model }: { readonly name: string; readonly model: string }) {
  const [missing, setMissing] = useState(false);
  const source = presetPicture(name);
  if (missing || source === null) return <span className={styles.stand} aria-hidden="true">{model}</span>;
  return (
    // The export has no image optimizer, and these are small.
    <img className={styles.picture} src={source} width={72} height={72} alt="" loading="lazy" onError={() => setMissing(true)} />
  );
}
