import type { ReactNode } from "react";
import styles from "./Checkbox.module.css";
import { cx } from "./cx";

interface CheckboxProps {
  readonly id?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children?: ReactNode;
  readonly label?: string;
  readonly disabled?: boolean;
  readonly describedBy?: string;
}

export function Checkbox({ id, checked, onChange, children, label, disabled, describedBy }: CheckboxProps) {
  return (
    <label className={cx(styles.row, disabled && styles.off)}>
      <input
        id={id}
        type="checkbox"
        className={styles.box}
        aria-label={label}
        aria-describedby={describedBy}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      {children}
    </label>
  );
}

/** The same choice, as a switch: for settings that are on or off. */
export function Toggle({ id, checked, onChange, label, describedBy }: CheckboxProps) {
  return (
    <input
      id={id}
      type="checkbox"
      role="switch"
      className={styles.toggle}
      aria-label={label}
      aria-describedby={describedBy}
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}
