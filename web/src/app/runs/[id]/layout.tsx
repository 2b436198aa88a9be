import type { ReactNode } from "react";
import { RunBar } from "@/features/run/RunBar";
import { RunGate } from "@/features/session/RunGate";

/** A static export cannot know run ids: one placeholder is exported, the server maps ids to it. */
export function generateStaticParams() {
  return [{ id: "_" }];
}

export default function Layout({ children }: { readonly children: ReactNode }) {
  return <RunGate bar={<RunBar />}>{children}</RunGate>;
}
