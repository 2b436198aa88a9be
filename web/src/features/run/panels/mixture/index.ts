import type { PanelSpec } from "../panel";
import { MixturePanel } from "./MixturePanel";

export const mixture: PanelSpec = { id: "mixture", place: "side", needs: { capabilities: ["responsibilities"], artifact: "mixture_health" }, Component: MixturePanel };
