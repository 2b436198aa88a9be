import type { InputHTMLAttributes, Ref } from "react";
import styles from "./TextInput.module.css";
import { cx } from "./cx";

interface TextInputProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly invalid?: boolean;
  /** A unit or a key, shown inside at the right. */
  readonly suffix?: string;
  readonly ref?: Ref<HTMLInputElement>;
}

export function TextInput({ invalid, suffix, className, ref, ...rest }: TextInputProps) {
  return (
    <span className={cx(styles.frame, className)} data-invalid={invalid || undefined}>
      <input ref={ref} type="text" spellCheck={false} autoComplete="off" {...rest} aria-invalid={invalid || undefined} className={styles.input} />
      {suffix && <span className={styles.suffix}>{suffix}</span>}
    </span>
  );
}
