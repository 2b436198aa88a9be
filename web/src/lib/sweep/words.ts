import { reasonWords } from "../words";
import { shortKey, type Layout } from "./layout";
import type { SweepHead, Variant } from "./sweep";

type Tone = "plain" | "accent" | "ok" | "warn" | "error";

/** "31 of 31 done", with what went otherwise, and its color. */
export function progressWords(head: Pick<SweepHead, "state" | "counts" | "queued" | "cancelling" | "reason">): { readonly label: string; readonly tone: Tone } {
  const { state, counts, queued, cancelling } = head;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const done = counts.completed ?? 0;
  const failed = (counts.failed ?? 0) + (counts.unreadable ?? 0);
  const label = `${done} of ${all} done${failed > 0 ? `, ${failed} failed` : ""}`;
  if (cancelling) return { label: `Stopping, ${label}`, tone: "warn" };
  if (state === "running") return { label, tone: "accent" };
  if (state === "created") return { label: queued !== null && queued > 0 ? `Waiting, number ${queued}` : queued === 0 ? "Starting" : "Not started", tone: "plain" };
  if (state === "cancelled") return { label: `Canceled, ${label}`, tone: "plain" };
  if (state === "failed") return { label: head.reason === "interrupted" ? `Interrupted, ${label}` : label, tone: "error" };
  return { label, tone: failed > 0 ? "error" : "ok" };
}

/** What a tile says over its map; null for nothing. */
export function tileWords(variant: Pick<Variant, "state" | "error">, why: string | null, drawn: boolean): { readonly label: string; readonly tone: Tone } | null {
  if (variant.state === "failed" || variant.state === "unreadable") return { label: variant.state === "failed" ? "Failed" : "Run is gone", tone: "error" };
  if (variant.error !== null) return { label: "Evaluation failed", tone: "warn" };
  if (variant.state === "cancelled") return { label: "Canceled", tone: "plain" };
  if (why !== null) return { label: "No map", tone: "warn" };
  if (drawn) return null;
  if (variant.state === "running") return { label: "Training", tone: "accent" };
  return { label: variant.state === "created" ? "Waiting" : "No map yet", tone: "plain" };
}

/** How a variant's run stands, in a sentence: for those who hear it, and for who rests on it. */
export function variantWords({ state, step, totalSteps, message, reason, error }: Variant, why: string | null): string {
  if (error !== null) return error;
  if (state === "failed" || state === "unreadable") return state === "failed" ? reasonWords(reason, message) : "Its folder is not there.";
  if (why !== null) return why;
  if (state === "running") return totalSteps ? `Training, step ${step} of ${totalSteps}` : `Training, step ${step}`;
  if (state === "created") return "Waits for its turn";
  return state === "cancelled" ? `Canceled at step ${step}` : `Done, step ${step}`;
}

/** What a sweep varies, in a few words. */
export function layoutWords(layout: Layout, count: number): string {
  const variants = `${count} ${count === 1 ? "variant" : "variants"}`;
  return layout.kind === "grid" ? `${variants}: ${shortKey(layout.rows.key)} × ${shortKey(layout.columns.key)}` : variants;
}
