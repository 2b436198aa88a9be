"use client";
import { useEffect, useState, type CSSProperties } from "react";
import { artifactUrl } from "@/api/artifacts";
import { Problem } from "@/api/problem";
import { Receipt } from "@/features/session/Receipt";
import { useEpoch } from "@/features/session/RunSession";
import { useRunId } from "@/features/session/runId";
import { useArtifact, useArtifactEpoch } from "@/features/session/useArtifact";
import { steady } from "@/lib/format";
import { parseReconstructions, tileBackground, type Reconstructions } from "@/lib/reconstructions";
import { Section } from "@/ui/Section";
import { PanelState } from "../PanelState";
import styles from "./reconstructions.module.css";

const MISSING = new Problem("The picture of this epoch cannot be read.", 404, "Other epochs may be whole: move the scrubber.");
const ROW_WORDS: Readonly<Record<string, string>> = { input: "Input", output: "Output", error: "Error" };

export function ReconstructionsPanel() {
  const [{ epoch }] = useEpoch();
  const grid = useArtifact("reconstructions", epoch, parseReconstructions);
  const picture = usePicture("reconstructions_image", epoch);
  const aside = grid.data && (
    <>
      <span>
        {grid.data.datasetIdx.length} fixed points, epoch {grid.epoch}
      </span>
      <Receipt kind="reconstructions" epoch={grid.epoch} receipt={grid.data.receipt} />
    </>
  );
  return (
    <Section title="Reconstructions" aside={aside}>
      {grid.data && picture.url && !picture.failed ? (
        <Tiles grid={grid.data} url={picture.url} />
      ) : picture.failed ? (
        <PanelState
          what="reconstructions"
          height={200}
          loaded={{ data: null, epoch, state: "failed", problem: picture.failed }}
        />
      ) : (
        <PanelState loaded={grid} what="reconstructions" height={200} />
      )}
    </Section>
  );
}

function Tiles({ grid, url }: { readonly grid: Reconstructions; readonly url: string }) {
  const count = grid.datasetIdx.length;
  const ratio = `${grid.tile.width} / ${grid.tile.height}`;
  return (
    <div className={styles.tiles} style={{ "--count": Math.min(count, grid.columns) } as CSSProperties}>
      {Array.from({ length: grid.bands }, (_, band) => {
        const items = Array.from({ length: count }, (_, item) => item).slice(band * grid.columns, (band + 1) * grid.columns);
        return (
          <div key={band} className={styles.band}>
            {grid.rows.map((name, row) => (
              <div key={name} className={styles.row}>
                <span className={styles.label}>{ROW_WORDS[name] ?? name}</span>
                {items.map((item) => {
                  const { size, position } = tileBackground(grid, item, row);
                  const style = { backgroundImage: `url("${url}")`, backgroundSize: size, backgroundPosition: position, aspectRatio: ratio };
                  return <span key={item} className={styles.tile} style={style} title={`${ROW_WORDS[name] ?? name} of #${grid.datasetIdx[item]}`} />;
                })}
              </div>
            ))}
            <div className={styles.row}>
              <span className={styles.label} title="Squared error, added over the pixels">
                Sq. error
              </span>
              {items.map((item) => (
                <span key={item} className={styles.value}>
                  {steady(grid.squaredError[item])}
                </span>
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}

/** The address of a picture that has arrived; the one before stays until then. */
function usePicture(kind: string, epoch: number) {
  const runId = useRunId();
  const { at, revision } = useArtifactEpoch(kind, epoch);
  const [shown, setShown] = useState<{ url: string | null; failed: Problem | null }>({ url: null, failed: null });
  useEffect(() => {
    if (at === null) return;
    const url = `${artifactUrl(runId, kind, { epoch: at })}#${revision}`;
    const image = new Image();
    image.onload = () => setShown({ url, failed: null });
    image.onerror = () => setShown({ url: null, failed: MISSING });
    image.src = url;
    return () => {
      image.onload = image.onerror = null;
    };
  }, [runId, kind, at, revision]);
  return shown;
}
