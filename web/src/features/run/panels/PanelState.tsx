"use client";
import type { Loaded } from "@/features/session/useArtifact";
import { isOver } from "@/lib/runState";
import { useRun } from "@/features/session/RunSession";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";

interface PanelStateProps {
  readonly loaded: Loaded<unknown>;
  /** What is missing, as in "No scores". */
  readonly what: string;
  readonly height: number;
}

/** What a panel says while it has nothing to draw: why, and what to do about it. */
export function PanelState({ loaded, what, height }: PanelStateProps) {
  const over = useRun((run) => isOver(run.status));
  // That the server is away is said once, for the whole page.
  if (loaded.state === "failed" && loaded.problem && !loaded.problem.isOffline) {
    return (
      <Notice compact tone="error" title={loaded.problem.what}>
        {loaded.problem.remedy ?? "Other epochs may be whole: move the scrubber."}
      </Notice>
    );
  }
  if (loaded.state === "none" && over) {
    return (
      <Notice compact title={`No ${what} up to this epoch`}>
        It was not recorded. Set analysis.enabled and analysis.every_epochs for the next run.
      </Notice>
    );
  }
  return <Skeleton height={height} label={`Waiting for ${what}`} />;
}
