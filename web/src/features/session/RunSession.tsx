"use client";
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import type { RunDetail } from "@/api/runs";
import type { EpochStore, EpochView } from "@/lib/epoch";
import type { RunState } from "@/lib/runState";
import { RunFrame } from "./RunFrame";
import { Session, type Link } from "./session";

const SessionContext = createContext<Session | null>(null);

interface RunSessionProps {
  readonly runId: string;
  /** What stands in the top bar of screens without a header of their own. */
  readonly bar: ReactNode;
  readonly children: ReactNode;
}

export function RunSession({ runId, bar, children }: RunSessionProps) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const opened = new Session(runId);
    const close = opened.open();
    // The session belongs to the browser: it is made after the first paint, once per mount.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setSession(opened);
    return close;
  }, [runId]);
  const value = useMemo(() => session, [session]);
  if (!value) return null;
  return (
    <SessionContext value={value}>
      <RunFrame bar={bar}>{children}</RunFrame>
    </SessionContext>
  );
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is for screens below /runs/<id>.");
  return session;
}

/** A part of the run's state; renders again only when that part changes. */
export function useRun<T>(select: (run: RunState) => T): T {
  const { run } = useSession();
  return useSyncExternalStore(run.subscribe, () => select(run.get()));
}

export function useDetail(): RunDetail | null {
  const { detail } = useSession();
  return useSyncExternalStore(detail.subscribe, detail.get);
}

export function useLink(): Link {
  const { link } = useSession();
  return useSyncExternalStore(link.subscribe, link.get);
}

/** Whether the epochs play; renders again only when that changes. */
export function usePlaying(): boolean {
  const { epoch } = useSession();
  return useSyncExternalStore(epoch.subscribe, () => epoch.get().playing);
}

/** Where the one scrubber stands, and the means to move it. */
export function useEpoch(): readonly [EpochView, EpochStore] {
  const { epoch } = useSession();
  return [useSyncExternalStore(epoch.subscribe, epoch.get), epoch];
}
