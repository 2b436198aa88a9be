"use client";
import { useState } from "react";
import { useDetail, useEpoch, useRun } from "@/features/session/RunSession";
import { usePacedEpoch } from "@/features/session/usePacedEpoch";
import { Button } from "@/ui/Button";
import { forkableEpoch } from "./checkpoints";
import { ForkDialog } from "./ForkDialog";
import styles from "./RunHeader.module.css";
import { useRunAction } from "./useRunAction";

const PACE_MS = 150;

/**
 * What can be done with a run from any of its screens: cancel it, resume it, fork it.
 *
 * @param calm Where something else is what the screen is about.
 */
export function RunActions({ calm = false }: { readonly calm?: boolean }) {
  const status = useRun((run) => run.status);
  const detail = useDetail();
  const [forking, setForking] = useState(false);
  const { busy, cancel, resume } = useRunAction();
  const stoppable = status === "running" || status === "created";
  const stopping = busy === "cancel" || (detail?.summary.cancelling ?? false);
  return (
    <div className={styles.actions}>
      {stoppable && (
        <Button onClick={cancel} busy={stopping}>
          {stopping ? "Stopping" : "Cancel"}
        </Button>
      )}
      {detail?.resumable && !stoppable && (
        <Button onClick={resume} busy={busy === "resume"}>
          Resume
        </Button>
      )}
      <Fork calm={calm} onFork={() => setForking(true)} />
      {forking && detail && <Forking onClose={() => setForking(false)} />}
    </div>
  );
}

/** The only part that follows the scrubber. */
function Fork({ calm, onFork }: { readonly calm: boolean; readonly onFork: () => void }) {
  const detail = useDetail();
  const epoch = usePacedEpoch(PACE_MS);
  const from = forkableEpoch(detail?.checkpoints ?? [], epoch);
  return (
    <Button look={calm ? "plain" : "primary"} onClick={onFork} disabled={from === null} title={from === null ? "There is no checkpoint yet" : "Start a new run from this epoch"}>
      Fork from {from ?? epoch}
    </Button>
  );
}

function Forking({ onClose }: { readonly onClose: () => void }) {
  const detail = useDetail();
  const [{ epoch }] = useEpoch();
  return detail && <ForkDialog detail={detail} epoch={epoch} onClose={onClose} />;
}
