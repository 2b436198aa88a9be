"use client";
import { useRun } from "@/features/session/RunSession";
import { Segmented } from "@/ui/Segmented";
import { Slider } from "@/ui/Slider";
import { useLatent } from "../latent";
import styles from "./Controls.module.css";
import type { LatentView } from "../view";
import { Group } from "./Group";

const MODES = [
  { value: "top", label: "Top k" },
  { value: "extent", label: "By extent" },
] as const;
const USUAL_MOST = 15;

export function NeighborControl() {
  const { view, change, neighbors } = useLatent();
  const recorded = useRun((run) => run.artifacts[`knn_${view.method}`] !== undefined);
  const most = neighbors.data?.k ?? USUAL_MOST;
  const k = Math.min(view.k, most);
  const amount = (
    <span className={styles.k}>
      k <output>{k}</output>
    </span>
  );
  return (
    <Group title="Neighbors" aside={amount}>
      <Slider label="Number of neighbors k" min={1} max={most} value={k} disabled={!recorded} onChange={(value) => change({ k: value })} />
      <Segmented label="Edges" wide options={MODES} value={view.edges} onChange={(edges) => change({ edges })} />
      <p className={styles.spare}>{hint(recorded, view)}</p>
    </Group>
  );
}

function hint(recorded: boolean, { method, focus, edges }: Pick<LatentView, "method" | "focus" | "edges">): string {
  if (!recorded) return method === "umap" ? "They come with the UMAP map." : "Neighbors are not recorded for this run.";
  if (focus === null) return "Click a point to see whom the latent space has nearest to it.";
  return edges === "top" ? "The k nearest in the latent space, near ones bright." : "Whole within the point’s extent, fading beyond.";
}
