"use client";
import { useCallback, useEffect, useState } from "react";
import { listDatasets } from "@/api/launch";
import { useDetail } from "@/features/session/RunSession";

/** The names of the data set's labels; their numbers where it has none. */
export function useLabelNames(): (value: number) => string {
  const dataset = useDetail()?.summary.dataset;
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!dataset) return;
    let current = true;
    listDatasets().then(
      (all) => current && setNames(all.find(({ name }) => name === dataset)?.label_names ?? []),
      () => undefined, // numbers do as well
    );
    return () => {
      current = false;
    };
  }, [dataset]);
  return useCallback((value: number) => names[value] ?? String(value), [names]);
}
