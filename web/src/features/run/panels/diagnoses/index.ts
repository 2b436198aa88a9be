import type { PanelSpec } from "../panel";
import { DiagnosesPanel } from "./DiagnosesPanel";

export const diagnoses: PanelSpec = { id: "diagnoses", place: "side", needs: { artifact: "diagnoses" }, Component: DiagnosesPanel };
