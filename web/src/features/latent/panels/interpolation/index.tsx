"use client";
import { useState } from "react";
import { epochWords, Sheet, SheetReceipt } from "@/features/samples/Sheet";
import { Segmented } from "@/ui/Segmented";
import { useLatent } from "../../latent";
import { Thumb } from "../../Thumb";
import { Block } from "../Block";
import type { PanelProps, PanelSpec } from "../panel";
import styles from "../Side.module.css";
import { useWay, WAY } from "./useWay";

export const interpolation: PanelSpec = { id: "interpolation", about: "point", needs: { computable: "interpolation" }, Component: Interpolation };

const MODES = [
  { value: "linear", label: "Linear" },
  { value: "spherical", label: "Spherical" },
] as const;

/** The way through the latent space to another point: the nearest, until one is chosen. */
function Interpolation({ id }: PanelProps) {
  const { change, sheet, epoch } = useLatent();
  const [mode, setMode] = useState<"linear" | "spherical">("linear");
  const { to, rank, neighbors, loaded } = useWay(id, mode, true);
  if (to === null) return null;
  const next = neighbors[(rank + 1) % Math.max(neighbors.length, 1)];
  return (
    <Block title={`Interpolation to ${to}`} aside={epochWords(loaded, epoch) ?? <SheetReceipt kind="interpolation" loaded={loaded} />}>
      <div className={styles.ends}>
        <Thumb sheet={sheet} id={to} size={24} alt={`Point ${to}`} />
        <span>{rank === 0 ? "the nearest" : rank > 0 ? `neighbor ${rank + 1}` : "the one chosen"}</span>
        <Segmented label="Way" options={MODES} value={mode} onChange={setMode} />
      </div>
      <Sheet loaded={loaded} label={`Way from point ${id} to point ${to}`} columns={WAY} m={WAY} />
      <div className={styles.row}>
        <span>Shift-click chooses a point.</span>
        {next !== undefined && next !== to && (
          <button type="button" className={styles.link} onClick={() => change({ to: next })}>
            Next neighbor
          </button>
        )}
        <button type="button" className={styles.link} onClick={() => change({ focus: to, to: id })} title="Puts the other end in focus">
          Swap
        </button>
      </div>
    </Block>
  );
}
