"use client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { copyText } from "./copyText";
import styles from "./Receipt.module.css";

interface ReceiptDialogProps {
  readonly lines: readonly (readonly [name: string, value: string])[];
  /** Python that reads it again. */
  readonly code: string;
  readonly onClose: () => void;
}

/** Where something comes from, in lines, and the code that reads it again. */
export function ReceiptDialog({ lines, code, onClose }: ReceiptDialogProps) {
  return (
    <Dialog title="Receipt" onClose={onClose} actions={<><Button onClick={() => copyText(code)}>Copy Python</Button><Button onClick={onClose}>Close</Button></>}>
      <dl className={styles.lines}>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <pre className={styles.code}>{code}</pre>
    </Dialog>
  );
}
