import type { ReactNode } from "react";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import type { LoadedFrame } from "../data/useFrame";
import styles from "./Side.module.css";

interface BlockProps {
  readonly title: string;
  readonly aside?: ReactNode;
  /** Inside a block that is there already. */
  readonly inner?: boolean;
  readonly children: ReactNode;
}

/** A titled part of the right side. */
export function Block({ title, aside, inner, children }: BlockProps) {
  return (
    <section className={inner ? undefined : styles.block} aria-label={title}>
      <header className={styles.line}>
        <h3>{title}</h3>
        {aside && <span className={styles.aside}>{aside}</span>}
      </header>
      {children}
    </section>
  );
}

/** What a block says while its artifact is on its way, missing or damaged. */
export function Waiting({ frame, what, height }: { readonly frame: LoadedFrame<unknown>; readonly what: string; readonly height: number }) {
  if (frame.problem && !frame.problem.isOffline) { // that the server is away is said once, for the whole page
    return (
      <Notice compact tone="error" title={frame.problem.what}>
        {frame.problem.remedy ?? "Other epochs may be whole: move the scrubber."}
      </Notice>
    );
  }
  if (frame.state === "none") {
    return (
      <Notice compact title={`No ${what} up to this epoch`}>
        Move the scrubber to a later epoch.
      </Notice>
    );
  }
  return <Skeleton height={height} label={`Waiting for ${what}`} />;
}
