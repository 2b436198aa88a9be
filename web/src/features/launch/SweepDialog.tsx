"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { countVariants, startSweep } from "@/api/sweeps";
import { getAt, type ConfigTree } from "@/lib/config";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Segmented } from "@/ui/Segmented";
import { Skeleton } from "@/ui/Skeleton";
import styles from "./SweepDialog.module.css";

interface SweepDialogProps {
  /** Settings of a run, and the section `sweep`. */
  readonly config: ConfigTree;
  readonly onClose: () => void;
}

const EXECUTORS = [
  { value: "local", label: "Separately", about: "Processes of this machine train one variant after the other, as many at a time as there are cores." },
  { value: "ensemble", label: "All together", about: "One process trains them as one stacked model: far faster for small models that differ in numbers only." },
] as const;

type Executor = (typeof EXECUTORS)[number]["value"];

/** How many runs a sweep of what the form says has, how they are trained, and the button that starts it. */
export function SweepDialog({ config, onClose }: SweepDialogProps) {
  const router = useRouter();
  const [executor, setExecutor] = useState<Executor>("local");
  const [count, setCount] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let current = true;
    countVariants(config).then(
      (variants) => current && setCount(variants),
      (reason: unknown) => current && setProblem(asProblem(reason)),
    );
    return () => {
      current = false;
    };
  }, [config]);
  const start = async () => {
    setBusy(true);
    setProblem(null);
    try {
      router.push(`/sweeps/${await startSweep(config, executor)}`);
    } catch (reason) {
      setProblem(asProblem(reason));
      setBusy(false);
    }
  };
  const actions = (
    <>
      <Button onClick={onClose}>Not now</Button>
      <Button look="primary" busy={busy} disabled={count === null} onClick={() => void start()} autoFocus>
        {count === null ? "Start the sweep" : `Train ${count} variants`}
      </Button>
    </>
  );
  return (
    <Dialog title="Sweep" onClose={onClose} actions={actions}>
      {count === null && !problem && <Skeleton height={20} width="70%" label="Counting the variants" />}
      {count !== null && <p>{wordsOf(config, count)}</p>}
      {problem && (
        <Notice compact tone="error" title={problem.what}>
          {problem.fields.map(({ path, message }) => `${path}: ${message}`).join("; ")} {problem.remedy}
        </Notice>
      )}
      <div className={styles.how}>
        <Segmented label="How the variants are trained" options={EXECUTORS} value={executor} onChange={setExecutor} />
        <p className={styles.about}>{EXECUTORS.find(({ value }) => value === executor)?.about}</p>
      </div>
    </Dialog>
  );
}

function wordsOf(config: ConfigTree, count: number): string {
  const name = getAt(config, "sweep.name");
  const of = typeof name === "string" ? `“${name}” trains` : "It trains";
  return `${of} ${count} ${count === 1 ? "variant" : "variants"} of what the form says, and puts their maps on one wall.`;
}
