import { LatentScreen } from "@/features/latent/LatentScreen";

export default function Page() {
  return <LatentScreen />;
}
