"use client";
import { useState } from "react";
import { presetPicture } from "@/lib/presetPicture";
import styles from "./PresetList.module.css";

/** What a preset's map looks like in the end; drawn beforehand out of a real run. */
export function PresetPicture({ name, model }: { readonly name: string; readonly model: string }) {
  const [missing, setMissing] = useState(false);
  const source = presetPicture(name);
  if (missing || source === null) return <Stand model={model} />;
  return (
    // The export has no image optimizer, and these are small.
    <img className={styles.picture} src={source} width={72} height={72} alt="" loading="lazy" onError={() => setMissing(true)} />
  );
}

/** For a preset that nobody has drawn yet: empty places where points will be, and the model's name. */
function Stand({ model }: { readonly model: string }) {
  const places = Array.from({ length: 36 }, (_, at) => {
    // A sunflower: evenly spread without rows, and the same at every render.
    const [radius, angle] = [4.6 * Math.sqrt(at + 0.5), at * 2.399963];
    return [36 + radius * Math.cos(angle), 30 + radius * Math.sin(angle) * 0.86] as const;
  });
  return (
    <svg className={styles.stand} viewBox="0 0 72 72" aria-hidden="true">
      {places.map(([x, y], at) => (
        <circle key={at} cx={x.toFixed(1)} cy={y.toFixed(1)} r="1.3" />
      ))}
      <text x="36" y="66">{model}</text>
    </svg>
  );
}
