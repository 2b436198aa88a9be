"use client";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { stateWords } from "@/lib/words";
import { Button, ButtonLink } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Tag } from "@/ui/Tag";
import { ConnectionState } from "./ConnectionState";
import { Scrubber } from "./Scrubber";
import { Shell } from "./Shell";
import styles from "./Shell.module.css";
import { BarLink, TopBar } from "./TopBar";
import { useDetail, useLink, useRun, useSession } from "./RunSession";
import { useRunId } from "./runId";
import { useScrubKeys } from "./useScrubKeys";

/** What all screens of a run share: the bar, the connection, the scrubber, and what to say without a run. */
export function RunFrame({ bar, children }: { readonly bar: ReactNode; readonly children: ReactNode }) {
  const runId = useRunId();
  const latent = usePathname().endsWith("/latent");
  const detail = useDetail();
  const status = useRun((run) => run.status);
  const known = useRun((run) => run.lastId > 0) || detail !== null;
  const { connection, problem } = useLink();
  useScrubKeys();
  const base = `/runs/${encodeURIComponent(runId)}`;
  const { label, tone } = stateWords(status);
  const trail = (
    <div className={styles.trail}>
      <BarLink href="/runs" on={false}>Runs</BarLink>
      <span className={styles.slash} aria-hidden="true">/</span>
      <span className={styles.current} title={runId}>{detail?.summary.display_name ?? runId}</span>
      {latent && <Tag tone={tone} dot>{label}</Tag>}
    </div>
  );
  const tabs = (
    <>
      <BarLink href={base} on={!latent} tab>Run</BarLink>
      <BarLink href={`${base}/latent`} on={latent} tab>Latent</BarLink>
    </>
  );
  const blocked = connection === "gone" || connection === "refused" || (!known && connection === "reconnecting");
  if (!known && !blocked) return <Shell />;
  return (
    <div className={styles.frame}>
      <TopBar trail={trail} tabs={tabs} aside={<>{latent && !blocked && bar}<ConnectionState brief={latent} /></>} />
      {connection === "reconnecting" && known && (
        <p className={styles.banner} role="status">
          <b>The server does not answer.</b> What you see stays, and goes on by itself when the server is back.
        </p>
      )}
      {blocked ? (
        <Blocked />
      ) : (
        <>
          <main className={styles.content}>{children}</main>
          <Scrubber detailed={latent} />
        </>
      )}
      <span hidden data-problem={problem?.status} />
    </div>
  );
}

function Blocked() {
  const { connection, problem } = useLink();
  const session = useSession();
  const seen = useRun((run) => run.lastId > 0);
  const all = <ButtonLink href="/runs" look="primary">See all runs</ButtonLink>;
  if (connection === "gone") {
    return (
      <main>
        <Notice title={seen ? "This run was deleted" : "There is no run with this id"} actions={all}>
          {seen ? "It went away while you were looking. If it is in the trash, it can be restored from the list of runs." : `Nothing is called ${session.runId}.`}
        </Notice>
      </main>
    );
  }
  const again = <Button look="primary" onClick={() => window.location.reload()}>Try again</Button>;
  return (
    <main>
      <Notice title={problem?.what ?? "The server does not answer."} tone="error" actions={again}>
        {problem?.remedy ?? "Start it again with latelier serve; this page goes on by itself."}
      </Notice>
    </main>
  );
}
