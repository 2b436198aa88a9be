import { LaunchScreen } from "@/features/launch/LaunchScreen";

export default function Page() {
  return <LaunchScreen />;
}
