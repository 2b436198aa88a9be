import { REASONS, valueAt, type Reason, type Trust } from "./grid";

export type Level = "high" | "fair" | "low" | "unknown";

/** How far to trust what is decoded at a place, in a color's name and in words. */
export interface Verdict {
  readonly level: Level;
  readonly words: string;
  /** What takes most of the trust away; null while there is little to take. */
  readonly because: string | null;
}

const WORDS: Readonly<Record<Level, string>> = { high: "Trust it", fair: "Trust it with care", low: "Do not trust it", unknown: "Trust not known" };
const BECAUSE: Readonly<Record<Reason, string>> = {
  density: "few points are here",
  cycle: "the encoder puts it elsewhere",
  distortion: "the map is bent here",
};

export function levelOf(trust: number | null): Level {
  if (trust === null) return "unknown";
  return trust >= 2 / 3 ? "high" : trust >= 1 / 3 ? "fair" : "low";
}

export function verdict(trust: number | null, parts: Partial<Readonly<Record<Reason, number | null>>> = {}): Verdict {
  const level = levelOf(trust);
  const known = REASONS.flatMap((reason) => {
    const part = parts[reason];
    return part === null || part === undefined ? [] : [[reason, part] as const];
  });
  const worst = known.reduce<readonly [Reason, number] | null>((least, part) => (least && least[1] <= part[1] ? least : part), null);
  return { level, words: WORDS[level], because: (level === "fair" || level === "low") && worst ? BECAUSE[worst[0]] : null };
}

/** The verdict on a place of the map; outside the grid, far from all data, there is no trust. */
export function verdictAt(trust: Trust | null, x: number, y: number): Verdict {
  if (!trust) return verdict(null);
  const parts = Object.fromEntries(REASONS.map((reason) => [reason, valueAt(trust, x, y, trust.parts[reason])]));
  const value = valueAt(trust, x, y);
  return value === null ? verdict(0, { density: 0 }) : verdict(value, parts);
}
