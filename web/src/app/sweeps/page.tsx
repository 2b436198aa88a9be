import type { Metadata } from "next";
import { SweepsScreen } from "@/features/sweeps/SweepsScreen";

export const metadata: Metadata = { title: "Sweeps" };

export default function Page() {
  return <SweepsScreen />;
}
