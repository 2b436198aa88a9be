"use client";
import { useEffect, useState } from "react";
import { askCost, type Cost } from "@/api/launch";
import { asProblem, type Problem } from "@/api/problem";
import { describeModel, type ConfigTree } from "@/lib/config";
import { count, duration } from "@/lib/format";
import { Button } from "@/ui/Button";
import styles from "./LaunchBar.module.css";
import { SweepDialog } from "./SweepDialog";

interface LaunchBarProps {
  readonly config: ConfigTree;
  /** The section `sweep` of the preset, where it has one. */
  readonly sweep: ConfigTree | null;
  readonly problem: Problem | null;
  readonly busy: boolean;
  readonly onProblem: (problem: Problem | null) => void;
  readonly onStart: () => void;
}

/** What will start, what it will cost, and the button. */
export function LaunchBar({ config, sweep, problem, busy, onProblem, onStart }: LaunchBarProps) {
  const [cost, setCost] = useState<{ of: ConfigTree; cost: Cost } | null>(null);
  const [asking, setAsking] = useState(false);
  const [sweeping, setSweeping] = useState<ConfigTree | null>(null);
  const known = cost?.of === config ? cost.cost : null;
  const ask = async () => {
    setAsking(true);
    onProblem(null);
    try {
      setCost({ of: config, cost: await askCost(config) });
    } catch (reason) {
      onProblem(asProblem(reason));
    }
    setAsking(false);
  };
  useStartKey(busy || sweeping ? null : onStart);
  return (
    <footer className={styles.bar}>
      <div className={styles.words}>
        <span className={styles.what}>{describeModel(config)}</span>
        {problem ? (
          <span className={styles.problem} role="alert">
            {problem.fields.length > 0 ? `${problem.fields.length} ${problem.fields.length === 1 ? "setting" : "settings"} cannot be used: ${problem.fields.map(({ path }) => path).join(", ")}` : problem.what} {problem.fields.length === 0 && problem.remedy}
          </span>
        ) : (
          <span className={styles.cost} role="status">
            {asking ? "Measuring a few steps on this machine" : known ? costWords(known) : "Not measured yet"}
          </span>
        )}
      </div>
      <Button onClick={() => void ask()} busy={asking}>What will this cost?</Button>
      {sweep && <Button onClick={() => setSweeping({ ...config, sweep })} title="Trains the variants of this preset">Sweep</Button>}
      <Button look="primary" onClick={onStart} busy={busy} title="Ctrl+Enter">Start training</Button>
      {sweeping && <SweepDialog config={sweeping} onClose={() => setSweeping(null)} />}
    </footer>
  );
}

function costWords(cost: Cost): string {
  const parts = [
    `${count(cost.steps)} steps in ${count(cost.epochs)} epochs`,
    `about ${duration(cost.seconds)} on ${cost.device}`,
    `${count(cost.parameters)} parameters`,
  ];
  return parts.join(" · ");
}

/** Ctrl+Enter (or ⌘+Enter) starts from anywhere in the form. */
function useStartKey(start: (() => void) | null): void {
  useEffect(() => {
    if (!start) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) start();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [start]);
}
