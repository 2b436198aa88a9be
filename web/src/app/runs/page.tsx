import type { Metadata } from "next";
import { RunsScreen } from "@/features/runs/RunsScreen";

export const metadata: Metadata = { title: "Runs" };

export default function Page() {
  return <RunsScreen />;
}
