import Link from "next/link";
import type { ReactNode } from "react";
import { cx } from "@/ui/cx";
import { ThemeToggle } from "./ThemeToggle";
import styles from "./TopBar.module.css";

interface TopBarProps {
  /** Where in the page this is, after the name of the product. */
  readonly trail: ReactNode;
  readonly tabs?: ReactNode;
  readonly aside?: ReactNode;
}

export function TopBar({ trail, tabs, aside }: TopBarProps) {
  return (
    <header className={styles.bar}>
      <div className={styles.left}>
        <Link href="/" className={styles.name}>
          Latelier
        </Link>
        <span className={styles.rule} aria-hidden="true" />
        {trail}
      </div>
      {tabs ? (
        <nav className={styles.tabs} aria-label="Views of this run">
          {tabs}
        </nav>
      ) : (
        <span />
      )}
      <div className={styles.right}>
        {aside}
        <ThemeToggle />
      </div>
    </header>
  );
}

interface BarLinkProps {
  readonly href: string;
  readonly on: boolean;
  readonly tab?: boolean;
  readonly children: ReactNode;
}

export function BarLink({ href, on, tab = false, children }: BarLinkProps) {
  return (
    <Link href={href} className={cx(tab ? styles.tab : styles.link)} aria-current={on ? "page" : undefined}>
      {children}
    </Link>
  );
}
