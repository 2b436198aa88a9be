"use client";
import { artifactUrl } from "@/api/artifacts";
import { useRunId } from "@/features/session/runId";
import { useArtifact } from "@/features/session/useArtifact";
import { parseReconstructions, tileBackground } from "@/lib/reconstructions";
import { useLatent } from "./latent";
import styles from "./Thumb.module.css";

const WORDS = { output: "Output", error: "Error" } as const;

interface RecordedProps {
  readonly id: number;
  readonly rows: readonly (keyof typeof WORDS)[];
  /** Width and height in pixels. */
  readonly size: number;
}

/** What the model makes of an example, where the run has recorded it: of those on its grid. */
export function Recorded({ id, rows, size }: RecordedProps) {
  const runId = useRunId();
  const { epoch } = useLatent();
  const { data, epoch: at } = useArtifact("reconstructions", epoch, parseReconstructions);
  const item = data?.datasetIdx.indexOf(id) ?? -1;
  if (!data || at === null || item < 0) return null;
  const url = artifactUrl(runId, "reconstructions_image", { epoch: at });
  return rows.map((row) => {
    const line = data.rows.indexOf(row);
    if (line < 0) return null;
    const place = tileBackground(data, item, line);
    const style = { width: size, height: size, backgroundImage: `url("${url}")`, backgroundSize: place.size, backgroundPosition: place.position };
    return (
      <figure key={row} className={styles.figure}>
        <span className={styles.thumb} style={style} role="img" aria-label={`${WORDS[row]} of example ${id}`} />
        <figcaption>{WORDS[row]}</figcaption>
      </figure>
    );
  });
}
