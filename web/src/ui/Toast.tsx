"use client";
import { useSyncExternalStore } from "react";
import { Store } from "@/lib/store";
import styles from "./Toast.module.css";

interface ToastMessage {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "error";
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

const NONE: readonly ToastMessage[] = [];
const messages = new Store<readonly ToastMessage[]>(NONE);
const SHOWN_MS = 8000;
let last = 0;

/** Says something in the corner for a few seconds, with at most one thing to do about it. */
export function toast(text: string, action: ToastMessage["action"] = null, tone: ToastMessage["tone"] = "plain"): void {
  const id = ++last;
  messages.update((shown) => [...shown.slice(-2), { id, text, tone, action }]);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  messages.update((shown) => shown.filter((message) => message.id !== id));
}

export function Toasts() {
  const shown = useSyncExternalStore(messages.subscribe, messages.get, () => NONE);
  return (
    <div className={styles.corner} role="status" aria-live="polite">
      {shown.map(({ id, text, tone, action }) => (
        <div key={id} className={styles.toast} data-tone={tone}>
          <span>{text}</span>
          {action && (
            <button
              type="button"
              className={styles.action}
              onClick={() => {
                action.run();
                dismiss(id);
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" className={styles.close} aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
