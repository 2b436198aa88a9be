"use client";
import { useEffect } from "react";
import { BarLink, TopBar } from "@/features/session/TopBar";
import { isEnded } from "@/lib/sweep/sweep";
import { reasonWords } from "@/lib/words";
import { progressWords } from "@/lib/sweep/words";
import { Button, ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Tag } from "@/ui/Tag";
import { useStore, useSweep, useSweepPage } from "./context";
import { StepScrubber } from "./scrubber/StepScrubber";
import { useStepKeys } from "./scrubber/useStepKeys";
import { SweepControls } from "./SweepControls";
import { SweepShell } from "./SweepShell";
import styles from "./SweepScreen.module.css";
import { MetricTable } from "./table/MetricTable";
import { Wall } from "./wall/Wall";

/** The page of one sweep: the wall of maps, the metric table, one scrubber for all. */
export function SweepScreen() {
  const { session } = useSweepPage();
  const sweep = useStore(session.sweep);
  const problem = useStore(session.problem);
  if (sweep) return <Known />;
  if (!problem) return <SweepShell />;
  const again = <Button onClick={() => void session.refresh()}>Try again</Button>;
  return (
    <div className={styles.frame}>
      <TopBar trail={<BarLink href="/sweeps" on={false}>Sweeps</BarLink>} />
      <main>
        {problem.isMissing ? (
          <Notice title="There is no sweep with this id" actions={<ButtonLink href="/sweeps" look="primary">See all sweeps</ButtonLink>}>
            Nothing is called {session.sweepId}.
          </Notice>
        ) : (
          <Notice title={problem.what} tone="error" actions={again}>{problem.remedy}</Notice>
        )}
      </main>
    </div>
  );
}

function Known() {
  const { look } = useSweepPage();
  const sweep = useSweep();
  useStepKeys();
  useKnownLook();
  const { label, tone } = progressWords(sweep);
  const trail = (
    <div className={styles.trail}>
      <BarLink href="/sweeps" on={false}>Sweeps</BarLink>
      <span className={styles.slash} aria-hidden="true">/</span>
      <h1 className={styles.name} title={sweep.id}>{sweep.name}</h1>
      <span role="status"><Tag tone={tone} dot>{label}</Tag></span>
    </div>
  );
  return (
    <div className={styles.frame}>
      <TopBar trail={trail} aside={<SweepControls />} />
      <Troubles />
      <main className={styles.content} data-show={look.show}>
        {look.show !== "table" && <Wall />}
        {look.show !== "wall" && <MetricTable all={look.show === "table"} />}
      </main>
      <StepScrubber />
    </div>
  );
}

/** Once nothing more can come, what the address says of a metric or a tile that are not there is dropped. */
function useKnownLook(): void {
  const { look, change } = useSweepPage();
  const { state, columns, variants } = useSweep();
  const over = isEnded(state);
  const metric = look.metric === null || columns.includes(look.metric) ? look.metric : null;
  const tile = look.tile === null || look.tile < variants.length ? look.tile : null;
  useEffect(() => {
    if (over && (metric !== look.metric || tile !== look.tile)) change({ metric, tile });
  }, [over, metric, tile, look, change]);
}

/** What is wrong, where everything else stays to be seen. */
function Troubles() {
  const { session } = useSweepPage();
  const sweep = useSweep();
  const problem = useStore(session.problem);
  const film = useStore(session.film.problem);
  if (problem) {
    const gone = problem.isMissing;
    return (
      <p className={styles.banner} role="status">
        <b>{gone ? "This sweep was deleted." : problem.isOffline ? "The server does not answer." : problem.what}</b>{" "}
        {gone ? "What you see stays until you leave. It can be restored from the trash." : problem.isOffline ? "What you see stays, and goes on by itself when the server is back." : problem.remedy}
      </p>
    );
  }
  if (film) {
    return (
      <p className={styles.banner} role="status">
        <b>{film.what}</b> {film.remedy} <button type="button" className={styles.inline} onClick={() => session.film.again()}>Try again</button>
      </p>
    );
  }
  if (sweep.state !== "failed" || sweep.reason === "variants_failed") return null;
  return (
    <p className={styles.banner} role="status">
      <b>{sweep.reason === "interrupted" ? "This sweep was interrupted." : "This sweep stopped."}</b> {sweep.reason === "interrupted" ? "Its process ended before all variants were done; what they have done is kept." : reasonWords(sweep.reason, sweep.message)}
    </p>
  );
}
