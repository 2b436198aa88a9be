import type { ReactNode } from "react";
import styles from "./Controls.module.css";

interface GroupProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function Group({ title, aside, children }: GroupProps) {
  return (
    <section className={styles.group} aria-label={title}>
      <header className={styles.head}>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
