import type { Sweep } from "./sweep";
import { directionWords, hasFront, metricWords } from "./table";

/** What is to be known to read the wall. */
export function legendLines(sweep: Pick<Sweep, "wall" | "variants" | "reference" | "directions" | "pareto">, metric: string | null, scale: "common" | "fit"): readonly string[] {
  const { wall, variants, reference, directions, pareto } = sweep;
  const lines: string[] = [];
  if (wall && wall.map !== "pca") {
    lines.push("Dashed: unit circle", `Latent dimension ${wall.map[0]} to the right, ${wall.map[1]} upwards`);
  } else if (wall) {
    const name = reference === null ? undefined : variants[reference]?.name;
    lines.push(name === undefined ? "First two principal components" : `First two principal components, aligned to ${name}`);
  }
  const better = metric === null ? null : (directions[metric] ?? null);
  if (metric !== null) lines.push(`Number: ${NUMBERS[metric] ?? `${metricWords(metric)} at the end${better ? `, ${directionWords(better)}` : ""}`}`);
  if (scale === "common" && wall) lines.push("One scale for all: a map marked “cut” goes beyond its tile");
  if (scale === "fit") lines.push("Each map fills its tile: sizes cannot be compared");
  if (hasFront(directions) && pareto.length > 0) lines.push(`◆ no other is better in ${listed(Object.keys(directions).map((name) => metricWords(name)))}`);
  return lines;
}

function listed(names: readonly string[]): string {
  return names.length === 2 ? `both ${names.join(" and ")}` : `all of ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

const NUMBERS: Readonly<Record<string, string>> = {
  "wall/ring": "mean distance to the circle, in radii",
  "wall/residual": "distance to the reference's map after aligning",
};
