const JOINT = " + ";
const LETTERS = "ABCDEFGHIJKL";
/** Average width of a letter of a tile's name, and the room that the number beside it takes. */
const LETTER = 6.4;
const NUMBER = 44;

/** Short names of variants, where the full ones do not fit under their tiles. */
export interface Codes {
  /** Letter → the part it stands for; empty where names are written out. */
  readonly parts: readonly (readonly [letter: string, part: string])[];
  nameOf(name: string): string;
}

const FULL: Codes = { parts: [], nameOf: (name) => name };

/**
 * Letters for the parts that names are made of, as in "A C" for "polar + planar", if names are made
 * of a few parts and one of them is too long to be written out.
 *
 * @param size Side of a tile.
 */
export function codesOf(names: readonly string[], parts: readonly string[], size: number): Codes {
  const longest = Math.max(0, ...names.map((name) => name.length));
  if (parts.length === 0 || parts.length > LETTERS.length || longest * LETTER <= size - NUMBER) return FULL;
  const letters = new Map(parts.map((part, at) => [part, LETTERS[at] as string]));
  const coded = (name: string) => {
    const found = name.split(JOINT).map((part) => letters.get(part));
    return found.every((letter) => letter !== undefined) ? found.join(" ") : name;
  };
  return { parts: [...letters].map(([part, letter]) => [letter, part] as const), nameOf: coded };
}
