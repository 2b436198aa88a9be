import { compact, percent } from "@/lib/format";
import type { Gap, Gaps } from "@/lib/latent/grid";
import { twoWayScale } from "@/lib/latent/scales";
import type { Ground } from "../ground";

/** Where prior and data differ less than by this factor, colors stay faint. */
const LEAST_REACH = Math.log(3);

const reachOf = ({ stats }: Gaps) => Math.max(LEAST_REACH, Math.abs(stats.min), Math.abs(stats.max));

export const gapsGround: Ground<"prior_minus_posterior_2d"> = {
  kind: "prior_minus_posterior_2d",
  scaleOf: (gaps, theme) => twoWayScale(theme, "gap", [-reachOf(gaps), reachOf(gaps)], reachOf(gaps), (value) => value),
  meaningOf: (gaps) => ({
    low: compact(-reachOf(gaps), 2),
    unit: "ln prior / posterior",
    high: `+${compact(reachOf(gaps), 2)}`,
    words: "Orange: the prior expects more than there is. Blue: data that the prior does not expect.",
  }),
  read: (value) => (value > 0 ? "+" : "") + compact(value, 3),
};

/** How many there are of each. */
export function countOf({ gaps }: Pick<Gaps, "gaps">): string {
  const of = (kind: Gap["kind"]) => gaps.filter((gap) => gap.kind === kind).length;
  const words = (count: number, one: string) => `${count} ${one}${count === 1 ? "" : "s"}`;
  return gaps.length === 0 ? "No place is off by more than a factor of 3." : `${words(of("hole"), "hole")} and ${words(of("spill"), "spill")} are off by more than a factor of 3.`;
}

/** What a marked place is, in a sentence. */
export function wordsOf({ kind, logRatio, mass }: Gap): string {
  const factor = compact(Math.exp(Math.abs(logRatio)), 2);
  return kind === "hole"
    ? `The prior expects up to ${factor} times what the data have here; ${percent(mass)} of the prior.`
    : `The data have up to ${factor} times what the prior expects here; ${percent(mass)} of the data.`;
}
