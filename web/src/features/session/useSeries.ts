"use client";
import { useEffect, useMemo, useState } from "react";
import { loadArtifact } from "@/api/artifacts";
import { fileKey } from "@/lib/runState";
import { useRun, useSession } from "./RunSession";

const MOST = 96;
const NONE: readonly number[] = [];

/** A JSON artifact at one of its epochs. */
export interface Entry<T> {
  readonly epoch: number;
  readonly data: T;
}

/**
 * A small JSON artifact at all its epochs (of many, at a spread of them), each as soon as it is there;
 * a damaged one is left out.
 *
 * @param parse Checks the file; must be the same function at every render.
 */
export function useSeries<T>(kind: string, parse: (value: unknown) => T): readonly Entry<T>[] {
  const session = useSession();
  const epochs = useRun((run) => run.artifacts[kind]) ?? NONE;
  const [known, setKnown] = useState<ReadonlyMap<number, T>>(new Map());
  const wanted = useMemo(() => spread(epochs, MOST), [epochs]);
  useEffect(() => {
    let current = true;
    const come = new Map<number, T>();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const tell = () => {
      timer = null;
      if (current) setKnown((old) => new Map([...old, ...come]));
    };
    for (const epoch of wanted) {
      const revision = session.run.get().files[fileKey(kind, epoch)]?.revision ?? 0;
      const take = (data: T) => {
        come.set(epoch, data);
        timer ??= setTimeout(tell, 60); // many come at once: they are shown together
      };
      loadArtifact(session.runId, kind, { epoch }, parse, revision).then(take, () => undefined);
    }
    return () => {
      current = false;
    };
  }, [session, kind, parse, wanted]);
  return useMemo(() => {
    return wanted.flatMap((epoch) => {
      const data = known.get(epoch);
      return data === undefined ? [] : [{ epoch, data }];
    });
  }, [wanted, known]);
}

/** At most `most` values, evenly spread, the first and the last among them. */
function spread(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, at) => values[Math.round((at * (values.length - 1)) / (most - 1))] as number);
}
