import { RunScreen } from "@/features/run/RunScreen";

export default function Page() {
  return <RunScreen />;
}
