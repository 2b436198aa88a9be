"use client";
import { useEffect, useState } from "react";
import { asProblem } from "@/api/problem";
import { cancelRun, resumeRun } from "@/api/runs";
import { useRun, useSession } from "@/features/session/RunSession";
import { toast } from "@/ui/Toast";

type Action = "cancel" | "resume";

/** Cancels and resumes; busy from the click until the run says that it has turned. */
export function useRunAction() {
  const session = useSession();
  const status = useRun((run) => run.status);
  const [asked, setAsked] = useState<{ action: Action; at: string } | null>(null);
  const busy = asked && asked.at === status ? asked.action : null;
  useEffect(() => {
    if (!busy) return;
    const timer = setTimeout(() => setAsked(null), 30_000);
    return () => clearTimeout(timer);
  }, [busy]);
  const ask = async (action: Action, send: (runId: string) => Promise<void>) => {
    setAsked({ action, at: status });
    try {
      await send(session.runId);
      await session.refresh();
    } catch (reason) {
      setAsked(null);
      const problem = asProblem(reason);
      toast([problem.what, problem.remedy].filter(Boolean).join(" "), null, "error");
    }
  };
  return {
    busy,
    cancel: () => void ask("cancel", cancelRun),
    resume: () => void ask("resume", (runId) => resumeRun(runId)),
  };
}
