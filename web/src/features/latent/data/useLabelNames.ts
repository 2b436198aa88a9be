"use client";
import { useCallback, useEffect, useState } from "react";
import { listDatasets } from "@/api/launch";
import { useDetail } from "@/features/session/RunSession";

/**
 * The names of the labels: those that the run has noted; of a run that has noted none, those of the
 * data set that bears the same name; else their numbers.
 */
export function useLabelNames(): (value: number) => string {
  const detail = useDetail();
  const own = detail?.label_names ?? null;
  const dataset = detail && own === null ? detail.summary.dataset : null;
  const [listed, setListed] = useState<{ readonly of: string; readonly names: readonly string[] } | null>(null);
  useEffect(() => {
    if (!dataset) return;
    let current = true;
    listDatasets().then(
      (all) => current && setListed({ of: dataset, names: all.find(({ name }) => name === dataset)?.label_names ?? [] }),
      () => undefined, // numbers do as well
    );
    return () => {
      current = false;
    };
  }, [dataset]);
  const names = own ?? (listed?.of === dataset ? listed.names : null);
  return useCallback((value: number) => names?.[value] ?? String(value), [names]);
}
