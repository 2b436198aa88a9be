import type { PanelSpec } from "../panel";
import { ReconstructionsPanel } from "./ReconstructionsPanel";

export const reconstructions: PanelSpec = { id: "reconstructions", place: "main", needs: { capabilities: ["decode"], artifact: "reconstructions_image" }, Component: ReconstructionsPanel };
