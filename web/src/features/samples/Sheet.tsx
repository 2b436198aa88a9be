"use client";
import type { CSSProperties, ReactNode } from "react";
import { Receipt } from "@/features/session/Receipt";
import { useDetail } from "@/features/session/RunSession";
import { checkpointsOf } from "@/lib/computable";
import { compact } from "@/lib/format";
import { sampleBackground } from "@/lib/samples";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import styles from "./samples.module.css";
import type { LoadedSheet } from "./useSheet";

interface SheetProps {
  readonly loaded: LoadedSheet;
  /** What the pictures are, for those who hear them. */
  readonly label: string;
  /** Pictures in a row. */
  readonly columns: number;
  /** How many there will be, for the room they need until they come. */
  readonly m: number;
  /** What stands below a picture. */
  readonly below?: (item: number) => ReactNode;
}

/** Decoded pictures, or why there are none; the last ones stay, dimmed, while others are made. */
export function Sheet({ loaded, label, columns, m, below }: SheetProps) {
  const { sheet, problem, epoch, current } = loaded;
  if (problem) {
    return (
      <Notice compact tone="error" title={problem.what}>
        {problem.remedy ?? "Move the scrubber to another epoch and try again."}
      </Notice>
    );
  }
  if (epoch === null) return <NoCheckpoint />;
  const style = { "--columns": columns } as CSSProperties;
  if (!sheet) {
    return (
      <div className={styles.waiting}>
        <div className={styles.sheet} style={style} role="img" aria-busy="true" aria-label={`Waiting for: ${label}`}>
          {Array.from({ length: m }, (_, item) => (
            <span key={item} className={styles.blank} />
          ))}
        </div>
        <p className={styles.late}>Loading the model: a few seconds, once.</p>
      </div>
    );
  }
  const { data, image } = sheet;
  const { layout } = data;
  const attributes = { "aria-label": label, "aria-busy": !current || undefined, "data-epoch": data.receipt.epoch ?? undefined, "data-stale": !current || undefined };
  if (!layout || image === null) return <Values {...attributes} rows={data.decoded ?? []} />;
  const ratio = `${layout.tile.width} / ${layout.tile.height}`;
  return (
    <ol className={styles.sheet} style={style} {...attributes}>
      {Array.from({ length: data.m }, (_, item) => {
        const { size, position } = sampleBackground(layout, item);
        return (
          <li key={item} className={styles.item}>
            <span
              className={styles.tile}
              role="img"
              aria-label={`${item + 1} of ${data.m}`}
              style={{ backgroundImage: `url("${image}")`, backgroundSize: size, backgroundPosition: position, aspectRatio: ratio }}
            />
            {below?.(item)}
          </li>
        );
      })}
    </ol>
  );
}

const MOST_VALUES = 6;

/** Data that are no pictures, in numbers: the first values of each. */
function Values({ rows, ...attributes }: { readonly rows: readonly (readonly number[])[] }) {
  if (rows.length === 0) {
    return (
      <Notice compact tone="error" title="The picture is gone">
        The file of its codes is there, its picture is not. Move the scrubber away and back.
      </Notice>
    );
  }
  return (
    <ol className={styles.values} {...attributes}>
      {rows.map((values, at) => (
        <li key={at}>
          {values.slice(0, MOST_VALUES).map((value) => compact(value, 3)).join("  ")}
          {values.length > MOST_VALUES && "  …"}
        </li>
      ))}
    </ol>
  );
}

function NoCheckpoint() {
  const detail = useDetail();
  const kept = checkpointsOf(detail);
  if (!detail) return <Skeleton height={40} label="Loading" />;
  return (
    <Notice compact title="No checkpoint up to this epoch">
      {kept.length > 0 ? `Pictures are decoded from a checkpoint. The first is of epoch ${kept[0]}.` : "Pictures are decoded from a checkpoint, and this run has kept none."}
    </Notice>
  );
}

/** Where the pictures come from, once they are there. */
export function SheetReceipt({ kind, loaded }: { readonly kind: string; readonly loaded: LoadedSheet }) {
  if (!loaded.sheet) return null;
  const { data, keys } = loaded.sheet;
  return <Receipt kind={kind} epoch={data.receipt.epoch} receipt={{ ...data.receipt, seed: data.seed ?? data.receipt.seed }} keys={keys} />;
}

/** Says which epoch the pictures are of, where it is not the one of the scrubber. */
export function epochWords(loaded: LoadedSheet, epoch: number): string | null {
  return loaded.epoch === null || loaded.epoch === epoch ? null : `checkpoint ${loaded.epoch}`;
}
