import { groundOverlay } from "../ground";
import { countOf, gapsGround } from "./ground";
import { Marks } from "./Marks";

/** Where prior and data disagree. */
export const gaps = groundOverlay({ id: "gaps", label: "Holes and spills", ground: gapsGround, Marks, noteOf: countOf });
