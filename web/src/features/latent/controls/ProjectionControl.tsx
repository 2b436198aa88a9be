"use client";
import { useRun } from "@/features/session/RunSession";
import { Segmented } from "@/ui/Segmented";
import { useLatent } from "../latent";
import styles from "./Controls.module.css";
import { Group } from "./Group";

/** Which projection; those that the run did not record say so. */
export function ProjectionControl() {
  const { view, change, map } = useLatent();
  const umap = useRun((run) => run.artifacts[`latent_${view.dims}d_umap`] !== undefined);
  const solid = useRun((run) => run.artifacts[`latent_3d_${view.method}`] !== undefined);
  const identity = map.data?.method === "identity";
  const methods = [
    { value: "pca", label: identity ? (view.dims === 3 ? "z₁, z₂, z₃" : "z₁, z₂") : "PCA" },
    { value: "umap", label: "UMAP", disabled: !umap, hint: umap ? undefined : "This run has recorded no UMAP map." },
  ] as const;
  const dims = [
    { value: "2", label: "2-D" },
    { value: "3", label: "3-D", disabled: !solid, hint: solid ? undefined : "This run has recorded no 3-D map." },
  ] as const;
  return (
    <Group title="Projection">
      <Segmented label="Method" wide options={methods} value={view.method} onChange={(method) => change({ method })} />
      <Segmented label="Dimensions" wide options={dims} value={view.dims === 3 ? "3" : "2"} onChange={(value) => change({ dims: value === "3" ? 3 : 2 })} />
      <p className={styles.hint}>{umap ? wordsOf(view.method) : "No UMAP recorded for this run."}</p>
    </Group>
  );
}

function wordsOf(method: string): string {
  return method === "pca" ? "Each epoch turned to fit the one before." : "Neighborhoods kept, distances not.";
}
