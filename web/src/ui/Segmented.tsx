import styles from "./Segmented.module.css";

interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string; readonly disabled?: boolean; readonly hint?: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** Takes the width there is. */
  readonly wide?: boolean;
  /** With little room beside the words. */
  readonly tight?: boolean;
}

/** One of a few, all in sight. */
export function Segmented<T extends string>({ label, options, value, onChange, wide, tight }: SegmentedProps<T>) {
  return (
    <div className={styles.group} role="group" aria-label={label} data-wide={wide || undefined} data-tight={tight || undefined}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          className={styles.option}
          aria-pressed={option.value === value}
          disabled={option.disabled}
          title={option.hint}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
