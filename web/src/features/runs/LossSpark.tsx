"use client";
import { useEffect, useRef, useState } from "react";
import { getMetrics, type RunRow } from "@/api/runs";
import { Sparkline } from "@/charts/Sparkline";

/** Curves that were read, by run and step: a run that stands still is read once. */
const known = new Map<string, readonly (number | null)[]>();

/** The loss over the epochs; read only when the row comes into sight. */
export function LossSpark({ run }: { readonly run: RunRow }) {
  const ref = useRef<HTMLSpanElement>(null);
  const [near, setNear] = useState(false);
  const [values, setValues] = useState<readonly (number | null)[]>([]);
  const { run_id: runId, epoch } = run;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!near || epoch === 0) return;
    let current = true;
    void read(runId, epoch).then((curve) => current && setValues(curve));
    return () => {
      current = false;
    };
  }, [near, runId, epoch]);
  return (
    <span ref={ref} style={{ display: "block", height: 28 }}>
      <Sparkline values={values} total={run.state === "completed" ? epoch : (run.total_epochs ?? epoch)} />
    </span>
  );
}

async function read(runId: string, epoch: number): Promise<readonly (number | null)[]> {
  const key = `${runId}@${epoch}`;
  const seen = known.get(key);
  if (seen) return seen;
  const curve = await getMetrics(runId).then(
    ({ epochs }) => (epochs["val/loss"] ?? epochs["train/loss"] ?? []) as readonly (number | null)[],
    () => [],
  );
  if (curve.length > 0) known.set(key, curve);
  return curve;
}
