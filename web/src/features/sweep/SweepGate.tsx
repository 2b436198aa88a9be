"use client";
import { usePathname } from "next/navigation";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { lookParams, readLook, type SweepLook } from "@/lib/sweep/view";
import { writeParams } from "@/lib/url";
import { SweepContext } from "./context";
import { SweepSession } from "./session";
import { SweepScreen } from "./SweepScreen";
import { SweepShell } from "./SweepShell";

const never = () => () => undefined;

/**
 * Waits for hydration, then opens the sweep that the address names. The exported HTML is that of a
 * placeholder, so nothing that depends on the id may be rendered before.
 */
export function SweepGate() {
  const hydrated = useSyncExternalStore(never, () => true, () => false);
  const pathname = usePathname();
  if (!hydrated) return <SweepShell />;
  const id = decodeURIComponent(pathname.split("/")[2] ?? "");
  return <OpenSweep key={id} id={id} />;
}

function OpenSweep({ id }: { readonly id: string }) {
  const [session, setSession] = useState<SweepSession | null>(null);
  const [look, setLook] = useState(() => readLook(window.location.search));
  useEffect(() => {
    const opened = new SweepSession(id);
    const close = opened.open();
    // The session belongs to the browser: it is made after the first paint, once per mount.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setSession(opened);
    return close;
  }, [id]);
  const change = useCallback((parts: Partial<SweepLook>) => setLook((now) => ({ ...now, ...parts })), []);
  useEffect(() => writeParams(lookParams(look)), [look]);
  const page = useMemo(() => session && { session, look, change }, [session, look, change]);
  if (!page) return <SweepShell />;
  return (
    <SweepContext value={page}>
      <SweepScreen />
    </SweepContext>
  );
}
