import styles from "./Select.module.css";
import { cx } from "./cx";

interface SelectProps {
  readonly id?: string;
  readonly label?: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly disabled?: boolean }[];
  readonly onChange: (value: string) => void;
  readonly describedBy?: string;
  readonly invalid?: boolean;
  readonly className?: string;
}

export function Select({ id, label, value, options, onChange, describedBy, invalid, className }: SelectProps) {
  return (
    <span className={cx(styles.frame, className)} data-invalid={invalid || undefined}>
      <select
        id={id}
        className={styles.select}
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={invalid || undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <svg className={styles.mark} width="10" height="6" viewBox="0 0 10 6" aria-hidden="true">
        <path d="M1 1l4 4 4-4" fill="none" stroke="currentColor" strokeWidth="1.25" />
      </svg>
    </span>
  );
}
