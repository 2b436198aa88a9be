"use client";
import { memo, useEffect, useState } from "react";
import { isOver } from "@/lib/runState";
import { useRun } from "@/features/session/RunSession";
import { ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { useRunId } from "@/features/session/runId";
import { Make } from "./computing/Make";
import { useMakeable } from "./computing/useMaking";
import { Controls } from "./controls/Controls";
import { useLiveFrame } from "./data/useFrame";
import { useReel } from "./data/useReel";
import { LatentContext, useLatent } from "./latent";
import styles from "./LatentScreen.module.css";
import { LatentMap, type ShownMap } from "./map/LatentMap";
import { Side } from "./panels/Side";
import { useLatentState } from "./useLatentState";

const AHEAD = 8;
const CalmControls = memo(Controls);
const CalmSide = memo(Side);
const LiveRoom = memo(Room);

/** The latent explorer: what to show, the map, and all about a point of it. */
export function LatentScreen() {
  const latent = useLatentState();
  const { change, view } = latent;
  const focused = view.focus !== null;
  const pinned = view.pin !== null;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      change(pinned ? { pin: null } : focused ? { focus: null } : { selected: [] });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [change, focused, pinned]);
  return (
    <LatentContext value={latent}>
      <h1 className="visually-hidden">Latent explorer</h1>
      <div className={styles.screen}>
        <CalmControls />
        <LiveRoom />
        <CalmSide />
      </div>
    </LatentContext>
  );
}

/** The map of the very epoch, or why there is none. */
function Room() {
  const { mapKind, view, change, epoch } = useLatent();
  const makeable = useMakeable(mapKind, epoch);
  const map = useLiveFrame(mapKind, AHEAD);
  const runId = useRunId();
  const home = useReel(mapKind, map.data);
  const over = useRun((run) => isOver(run.status));
  const recorded = useRun((run) => (run.artifacts[mapKind]?.length ?? 0) > 0);
  const ready = map.data && home && map.data.dims === view.dims ? { kind: mapKind, frame: map.data, home } : null;
  const kept = useKept(ready);
  const shown = ready ?? (map.state === "loading" || map.state === "ready" ? kept : null);
  if (shown) return <LatentMap {...shown} problem={map.problem} />;
  const back = <ButtonLink href={`/runs/${encodeURIComponent(runId)}`}>To the run</ButtonLink>;
  if (map.problem) {
    return (
      <Empty>
        <Notice title={map.problem.what} tone="error" actions={back}>
          {map.problem.remedy ?? "Other epochs may be whole: move the scrubber."}
        </Notice>
      </Empty>
    );
  }
  if (map.state === "none" && (over || recorded || view.method === "umap")) {
    const usual = view.method !== "pca" || view.dims !== 2;
    const other = usual ? (
      <button type="button" className={styles.link} onClick={() => change({ method: "pca", dims: 2 })}>
        Show the 2-D PCA map
      </button>
    ) : (
      back
    );
    return (
      <Empty>
        <Notice
          title={recorded ? "There is no map at this epoch yet" : `No ${view.method === "umap" ? "UMAP" : "PCA"} map in ${view.dims}-D yet`}
          actions={
            <>
              {makeable !== null && <Make kinds={[mapKind]} epoch={makeable} label={`Compute it for epoch ${makeable}`} doing={`Map of epoch ${makeable}`} />}
              {other}
            </>
          }
        >
          {recorded
            ? "The first map comes later: move the scrubber to the right, or have this one made."
            : makeable !== null
              ? "It was not recorded while training, but it can be made now."
              : "It was not recorded. Set analysis.enabled for the next run, and analysis.every_epochs for how often."}
        </Notice>
      </Empty>
    );
  }
  return (
    <Empty>
      <div className={styles.waiting}>
        <Skeleton width={180} height={12} label={over ? "Loading the map" : "The first map comes with epoch 0, in a moment"} />
        {!over && !recorded && <p>The first map comes with epoch 0, in a moment.</p>}
      </div>
    </Empty>
  );
}

/** The last map that was whole: it stays in sight while one of another kind is on its way. */
function useKept(ready: ShownMap | null): ShownMap | null {
  const [kept, setKept] = useState(ready);
  if (ready && (ready.frame !== kept?.frame || ready.home !== kept.home)) setKept(ready);
  return kept;
}

function Empty({ children }: { readonly children: React.ReactNode }) {
  return <div className={styles.empty}>{children}</div>;
}
