"use client";
import { usePathname } from "next/navigation";
import { useSyncExternalStore, type ReactNode } from "react";
import { Shell } from "./Shell";
import { RunIdContext } from "./runId";
import { RunSession } from "./RunSession";

const never = () => () => undefined;

/**
 * Waits for hydration, then hands down the id out of the address. The exported HTML is that of a
 * placeholder, so nothing that depends on the id may be rendered before.
 */
export function RunGate({ bar, children }: { readonly bar: ReactNode; readonly children: ReactNode }) {
  const hydrated = useSyncExternalStore(never, () => true, () => false);
  const pathname = usePathname();
  if (!hydrated) return <Shell />;
  const id = decodeURIComponent(pathname.split("/")[2] ?? "");
  return (
    <RunIdContext value={id} key={id}>
      <RunSession runId={id} bar={bar}>{children}</RunSession>
    </RunIdContext>
  );
}
