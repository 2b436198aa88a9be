"use client";
import { useMemo } from "react";
import { useComputable } from "@/features/samples/useSheet";
import { useDetail, useRun } from "@/features/session/RunSession";
import { isOver } from "@/lib/runState";
import { PANELS } from "./panels";
import { fits } from "./panels/panel";
import { RunHeader } from "./RunHeader";
import styles from "./RunScreen.module.css";

/** One run, live or in replay: its panels are those that its capabilities and artifacts call for. */
export function RunScreen() {
  const capabilities = useRun((run) => run.capabilities);
  const artifacts = useRun((run) => run.artifacts);
  const over = useRun((run) => isOver(run.status));
  const computable = useComputable();
  const config = useDetail()?.config ?? null;
  const panels = useMemo(
    () => PANELS.filter((panel) => fits(panel, { capabilities, artifacts, over, computable, config })),
    [capabilities, artifacts, over, computable, config],
  );
  const column = (place: "main" | "side") =>
    panels.filter((panel) => panel.place === place).map(({ id, Component }) => (
      <div key={id} className={styles.panel} data-panel={id}>
        <Component />
      </div>
    ));
  return (
    <div className={styles.screen}>
      <RunHeader />
      <div className={styles.columns}>
        <div className={styles.main}>{column("main")}</div>
        <aside className={styles.side} aria-label="Details">{column("side")}</aside>
      </div>
    </div>
  );
}
