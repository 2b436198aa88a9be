import type { PanelSpec } from "../panel";
import { ScoresPanel } from "./ScoresPanel";

export const scores: PanelSpec = { id: "scores", place: "side", needs: { capabilities: ["encode"], artifact: "scores" }, Component: ScoresPanel };
