"use client";
import { useState } from "react";
import type { ArtifactKeys } from "@/api/artifacts";
import { serverFolder } from "@/api/health";
import { fileKey } from "@/lib/runState";
import type { Receipt as ReceiptData } from "@/lib/receipt";
import styles from "./Receipt.module.css";
import { ReceiptDialog } from "./ReceiptDialog";
import { useRun } from "./RunSession";
import { useRunId } from "./runId";

interface ReceiptProps {
  readonly kind: string;
  readonly epoch: number | null;
  readonly receipt: ReceiptData;
  /** Shows the file's name and the seed on the button, over a picture that fills the screen. */
  readonly caption?: boolean;
  /** What tells the file from others of its kind and epoch, for what is made on request. */
  readonly keys?: ArtifactKeys;
  /** The file holds tensors, not JSON. */
  readonly tensors?: boolean;
}

/** Where a picture comes from, and the lines of Python that read it again. */
export function Receipt({ kind, epoch, receipt, caption = false, keys, tensors }: ReceiptProps) {
  const [folder, setFolder] = useState<string | null>(null);
  const path = useRun((run) => run.files[fileKey(kind, epoch)]?.path ?? null);
  const open = () => void serverFolder().then(setFolder);
  return (
    <>
      <button type="button" className={styles.receipt} onClick={open} aria-haspopup="dialog" title="Where this comes from" data-caption={caption || undefined}>
        receipt
        {caption && ` · ${path?.split("/").at(-1)?.replace(/\.\w+$/, "") ?? kind} · seed ${receipt.seed ?? "–"}`}
      </button>
      {folder !== null && <Details {...{ kind, epoch, receipt, path, folder, keys, tensors }} onClose={() => setFolder(null)} />}
    </>
  );
}

interface DetailsProps extends ReceiptProps {
  readonly path: string | null;
  readonly folder: string;
  readonly onClose: () => void;
}

function Details({ kind, epoch, receipt, path, folder, keys = {}, tensors = false, onClose }: DetailsProps) {
  const runId = useRunId();
  const chosen = Object.entries(keys).filter(([name]) => name !== "epoch");
  const selection = chosen.map(([name, key]) => `, ${name}=${JSON.stringify(key)}`).join("");
  const asked = `${JSON.stringify(kind)}${epoch === null ? "" : `, epoch=${epoch}`}${selection}`;
  const code = [
    ...(tensors ? ["from safetensors.numpy import load"] : []),
    "from latelier.runs import RunStore",
    `run = RunStore(${JSON.stringify(folder)}).open(${JSON.stringify(runId)})`,
    tensors ? `load(run.read_bytes(${asked}))` : `run.read_json(${asked})`,
  ].join("\n");
  const lines: readonly (readonly [string, string])[] = [
    chosen.length > 0 ? ["Selection", [kind, ...chosen.map(([name, key]) => `${name} ${key}`)].join(", ")] : ["File", path ?? "–"],
    ["Run", runId],
    ["Epoch, step", `${receipt.epoch ?? "–"}, ${receipt.step ?? "–"}`],
    ["Seed", String(receipt.seed ?? "–")],
    ["Checkpoint", receipt.checkpoint ?? "none was kept at this epoch"],
    ["Computed in", receipt.computeMs === null ? "–" : `${receipt.computeMs.toFixed(1)} ms`],
  ];
  return <ReceiptDialog {...{ lines, code, onClose }} />;
}
