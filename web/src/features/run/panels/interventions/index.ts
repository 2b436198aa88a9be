import type { PanelSpec } from "../panel";
import { InterventionsPanel, KIND } from "./InterventionsPanel";

export const interventions: PanelSpec = { id: "interventions", place: "main", needs: { capabilities: ["encode", "decode"], artifact: KIND, atEnd: true }, Component: InterventionsPanel };
