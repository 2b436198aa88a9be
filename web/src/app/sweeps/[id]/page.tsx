import type { Metadata } from "next";
import { SweepGate } from "@/features/sweep/SweepGate";

export const metadata: Metadata = { title: "Sweep" };

/** A static export cannot know ids of sweeps: one placeholder is exported, the server maps ids to it. */
export function generateStaticParams() {
  return [{ id: "_" }];
}

export default function Page() {
  return <SweepGate />;
}
