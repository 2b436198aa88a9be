"use client";
import { useEffect, useRef, type RefObject } from "react";
import { useComputable } from "@/features/samples/useSheet";
import { useDetail, useRun } from "@/features/session/RunSession";
import { nearestEpoch } from "@/lib/runState";
import { Segmented } from "@/ui/Segmented";
import { Make } from "../computing/Make";
import { useMakeable } from "../computing/useMaking";
import { useLatent } from "../latent";
import styles from "./Controls.module.css";
import { Group } from "./Group";

/** Which projection; one that the run has not can be made, where that makes sense. */
export function ProjectionControl() {
  const { view, change, map } = useLatent();
  const umap = useRun((run) => (run.artifacts[`latent_${view.dims}d_umap`]?.length ?? 0) > 0);
  const solid = useRun((run) => run.artifacts[`latent_3d_${view.method}`] !== undefined);
  const solidComputable = useComputable().includes(`latent_3d_${view.method}`);
  const identity = map.data?.method === "identity";
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false; // the address belongs to another screen by now
    };
  }, []);
  const methods = [
    { value: "pca", label: identity ? (view.dims === 3 ? "z₁–z₃" : "z₁, z₂") : "PCA" },
    { value: "umap", label: "UMAP", disabled: !umap && view.method !== "umap", hint: umap ? undefined : "There is no UMAP map of this run yet." },
  ] as const;
  const dims = [
    { value: "2", label: "2-D" },
    { value: "3", label: "3-D", disabled: !solid && !solidComputable, hint: solid || solidComputable ? undefined : "This run has recorded no 3-D map." },
  ] as const;
  return (
    <Group title="Projection">
      <div className={styles.pair}>
        <Segmented label="Method" wide tight options={methods} value={view.method} onChange={(method) => change({ method })} />
        <Segmented label="Dimensions" wide tight options={dims} value={view.dims === 3 ? "3" : "2"} onChange={(value) => change({ dims: value === "3" ? 3 : 2 })} />
      </div>
      {view.method === "pca" && (umap ? <p className={styles.hint} title="Each epoch is turned to lie on the one before as well as it can.">Aligned from epoch to epoch.</p> : <FirstUmap identity={identity} here={here} />)}
      {view.method === "umap" && <ShownUmap />}
    </Group>
  );
}

const USUAL = "Takes some seconds, up to a minute the first time.";

/** The share of a UMAP map that is being made, as the run's events tell; null while there is none. */
function useToldShare(epoch: number | null): number | null {
  return useRun((run) => (run.projection?.method === "umap" && run.projection.epoch === epoch ? run.projection.done : null));
}

/** Where the run has no UMAP map yet: how to have one, or why there can be none. */
function FirstUmap({ identity, here }: { readonly identity: boolean; readonly here: RefObject<boolean> }) {
  const { view, epoch, change } = useLatent();
  const kind = `latent_${view.dims}d_umap`;
  const detail = useDetail();
  const at = useMakeable(kind, epoch);
  const told = useToldShare(at);
  if (identity) return <p className={styles.hint}>The latents have {view.dims} dimensions and are shown as they are: UMAP has nothing to unfold.</p>;
  if (at === null) return detail && <p className={styles.hint}>UMAP cannot be made of this run: {detail.computable.includes(kind) ? "nothing is recorded up to this epoch." : "it has too few points or dimensions."}</p>;
  return (
    <Make
      kinds={[kind]}
      epoch={at}
      label="Compute UMAP"
      title={`Of epoch ${at}. ${USUAL}`}
      doing={`UMAP of epoch ${at}`}
      told={told}
      onDone={() => here.current && change({ method: "umap" })}
    />
  );
}

/** Which epoch the UMAP map is of, where not every epoch has one. */
function ShownUmap() {
  const { view, epoch, map } = useLatent();
  const kind = `latent_${view.dims}d_umap` as const;
  const latest = useRun((run) => nearestEpoch(run, kind, epoch));
  const at = useMakeable(kind, epoch);
  const told = useToldShare(at);
  const parameters = map.data?.parameters;
  const how = parameters ? `${parameters.neighbors} neighbors, min dist ${parameters.minDist}, seed ${parameters.seed}.` : "";
  return (
    <>
      {latest !== null && (
        <p className={styles.hint}>
          {latest < epoch ? <>UMAP of <b>epoch {latest}</b>, the newest up to epoch {epoch}. </> : "Neighborhoods kept, distances not. "}
          {how}
        </p>
      )}
      {at !== null && (latest === null || at > latest) && <Make kinds={[kind]} epoch={at} label={`Compute epoch ${at}`} title={USUAL} doing={`UMAP of epoch ${at}`} told={told} />}
    </>
  );
}
