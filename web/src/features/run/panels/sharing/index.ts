import type { PanelSpec } from "../panel";
import { KIND, SharingPanel } from "./SharingPanel";

export const sharing: PanelSpec = { id: "sharing", place: "main", needs: { capabilities: ["pairs"], artifact: KIND }, Component: SharingPanel };
