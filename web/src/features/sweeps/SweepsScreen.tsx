"use client";
import { useState } from "react";
import { listSweeps } from "@/api/sweeps";
import { BarLink, TopBar } from "@/features/session/TopBar";
import { useList, type Listing } from "@/features/session/useList";
import { isEnded, type SweepLine } from "@/lib/sweep/sweep";
import { Button, ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { TrashDialog } from "@/features/trash/TrashDialog";
import { DeleteSweepDialog } from "./DeleteSweepDialog";
import { StartWords } from "./StartWords";
import { SweepsTable } from "./SweepsTable";
import styles from "./SweepsScreen.module.css";
import { SWEEP_TRASH } from "./trash";

const SWEEPS: Listing<SweepLine> = { list: listSweeps, isBusy: ({ state, queued }) => !isEnded(state) || queued !== null };

/** All sweeps; where there is none yet, the command that makes one. */
export function SweepsScreen() {
  const { rows: sweeps, problem, refresh } = useList(SWEEPS);
  const [leaving, setLeaving] = useState<SweepLine | null>(null);
  const [trash, setTrash] = useState(false);
  const going = (sweeps ?? []).filter(({ state }) => state === "running").length;
  return (
    <div className={styles.page}>
      <TopBar
        trail={<><BarLink href="/runs" on={false}>Runs</BarLink><BarLink href="/sweeps" on>Sweeps</BarLink></>}
        aside={<ButtonLink href="/" look="primary">New run</ButtonLink>}
      />
      <main className={styles.main}>
        <div className={styles.tools}>
          <h1>Sweeps</h1>
          <span className={styles.spring} />
          <span className={styles.count} role="status">
            {problem ? <b>{problem.isOffline ? "The server does not answer; looking again" : problem.what}</b> : sweeps && words(sweeps.length, going)}
          </span>
          <Button onClick={() => setTrash(true)}>Trash</Button>
        </div>
        {!sweeps && !problem && <Waiting />}
        {!sweeps && problem && (
          <Notice title={problem.what} tone="error" actions={<Button onClick={refresh}>Try again</Button>}>{problem.remedy}</Notice>
        )}
        {sweeps?.length === 0 && <Notice title="No sweeps yet"><StartWords /></Notice>}
        {sweeps && sweeps.length > 0 && <SweepsTable sweeps={sweeps} onDelete={setLeaving} />}
      </main>
      {leaving && <DeleteSweepDialog sweep={leaving} onClose={() => setLeaving(null)} onDone={refresh} />}
      {trash && <TrashDialog trash={SWEEP_TRASH} onClose={() => setTrash(false)} onDone={refresh} />}
    </div>
  );
}

function words(all: number, going: number): string {
  const total = `${all} ${all === 1 ? "sweep" : "sweeps"}`;
  return going > 0 ? `${total}, ${going} training` : total;
}

function Waiting() {
  return (
    <div className={styles.waiting}>
      {Array.from({ length: 5 }, (_, row) => (
        <Skeleton key={row} height={20} width={`${92 - row * 6}%`} label={row === 0 ? "Loading the sweeps" : undefined} />
      ))}
    </div>
  );
}
