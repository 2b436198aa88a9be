"use client";
import { useState } from "react";
import { serverFolder } from "@/api/health";
import styles from "@/features/session/Receipt.module.css";
import { ReceiptDialog } from "@/features/session/ReceiptDialog";
import { useShown, useStore, useSweep, useSweepPage } from "../context";
import type { Shown } from "../film";

/** Where the picture of the wall comes from, and the lines of Python that read it again. */
export function WallReceipt() {
  const { session } = useSweepPage();
  const maps = useShown((shown) => shown?.picture.shown.filter((tile) => tile !== null).length ?? 0);
  const [open, setOpen] = useState<{ readonly shown: Shown; readonly folder: string } | null>(null);
  if (maps === 0) return null;
  const tell = async () => {
    const [shown, folder] = [session.film.shown.get(), await serverFolder()];
    if (shown) setOpen({ shown, folder });
  };
  return (
    <>
      <button type="button" className={styles.receipt} data-caption="" aria-haspopup="dialog" title="Where this comes from" onClick={() => void tell()}>
        receipt · {maps} {maps === 1 ? "map" : "maps"}
      </button>
      {open && <Details {...open} maps={maps} onClose={() => setOpen(null)} />}
    </>
  );
}

interface DetailsProps {
  readonly shown: Shown;
  readonly folder: string;
  readonly maps: number;
  readonly onClose: () => void;
}

function Details({ shown: { frame, picture }, folder, maps, onClose }: DetailsProps) {
  const { session } = useSweepPage();
  const { id, variants, reference, wall, executor } = useSweep();
  const { following } = useStore(session.steps);
  const latest = following && picture.shown.some((tile) => tile !== null && tile.step !== frame.step);
  const code = [
    "import json",
    "from latelier.runs.sweep_store import SweepStore",
    `sweep = SweepStore(${JSON.stringify(folder)}).open(${JSON.stringify(id)})`,
    `json.loads(sweep.path_of(${latest ? '"wall_latest"' : `"wall_step", step=${frame.step}`}).read_bytes())`,
  ].join("\n");
  const lines: readonly (readonly [string, string])[] = [
    ["File", `sweeps/${id}/wall/${latest ? "latest" : `step_${frame.step}`}.json`],
    ["Maps", `${maps} of ${variants.length}, one of each run`],
    ["Shows", wall === null || wall.map === "pca" ? "first two principal components" : `dimensions ${wall.map.join(" and ")} of the latents`],
    ["Reference", reference === null || wall?.map !== "pca" ? "none, maps are not turned" : (variants[reference]?.name ?? "–")],
    ["Epoch, step", `${frame.epoch}, ${frame.step}`],
    ["Executor", executor],
    ["Computed in", frame.computeMs === null ? "–" : `${frame.computeMs.toFixed(1)} ms`],
  ];
  return <ReceiptDialog {...{ lines, code, onClose }} />;
}
