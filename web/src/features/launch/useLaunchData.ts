"use client";
import { useCallback, useEffect, useState } from "react";
import { getSchema, listDatasets, listPresets, type DatasetInfo, type Preset } from "@/api/launch";
import { asProblem, type Problem } from "@/api/problem";
import { readSchema, type Field } from "@/lib/form";

export interface LaunchData {
  readonly presets: readonly Preset[];
  readonly standard: string;
  readonly form: readonly Field[];
  readonly datasets: readonly DatasetInfo[];
}

/** Presets, the schema of the form and the data sets; tried again when asked. */
export function useLaunchData() {
  const [data, setData] = useState<LaunchData | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let live = true;
    Promise.all([listPresets(), getSchema(), listDatasets()]).then(
      ([presets, schema, datasets]) =>
        live && setData({ presets: standardFirst(presets.presets, presets.default), standard: presets.default, form: readSchema(schema), datasets }),
      (reason: unknown) => live && setProblem(asProblem(reason)),
    );
    return () => {
      live = false;
    };
  }, [round]);
  const retry = useCallback(() => {
    setProblem(null);
    setRound((count) => count + 1);
  }, []);
  return { data, problem, retry };
}

/** The preset to begin with stands at the top; the others keep their order. */
function standardFirst(presets: readonly Preset[], standard: string): readonly Preset[] {
  return [...presets].sort((a, b) => Number(b.name === standard) - Number(a.name === standard));
}
