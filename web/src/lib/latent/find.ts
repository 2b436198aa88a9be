/** What a search means: a point by its index, or a class by its name: to see it alone, or to select its points; or points by their error. */
export type Found =
  | { readonly kind: "point"; readonly id: number }
  | { readonly kind: "class"; readonly value: number; readonly count: number }
  | { readonly kind: "members"; readonly value: number; readonly count: number }
  | { readonly kind: "errors"; readonly sign: "<" | ">"; readonly limit: number; readonly count: number }
  | { readonly kind: "nothing"; readonly why: string };

interface Searchable {
  readonly ids: ReadonlySet<number> | ReadonlyMap<number, number>;
  readonly classes: readonly { readonly value: number; readonly name: string; readonly count: number }[];
  /** Reconstruction error of each point; null while it is not known. */
  readonly errors?: Float32Array | null;
}

/** Reads "1638", "#1638", "3", "label 3" or "error > 40". What is meant most likely comes first. */
export function find(query: string, { ids, classes, errors }: Searchable): readonly Found[] {
  const text = query.trim().toLowerCase();
  if (text === "") return [];
  const compared = /^error\s*([<>])\s*(\d+(?:\.\d*)?)$/.exec(text);
  if (compared) return [byError(compared[1] as "<" | ">", Number(compared[2]), errors ?? null)];
  const named = text.replace(/^(label|class|component|prediction)\s+/, "");
  const asks = named !== text;
  const found: Found[] = classes
    .filter(({ name }) => name.toLowerCase() === named || (named.length > 1 && name.toLowerCase().startsWith(named)))
    .map(({ value, count }) => ({ kind: "class", value, count }));
  const members = found.flatMap((item): readonly Found[] => (item.kind === "class" ? [{ ...item, kind: "members" }] : []));
  const index = /^#?(\d{1,9})$/.exec(text)?.[1];
  if (index !== undefined && !asks) {
    if (ids.has(Number(index))) found[text.startsWith("#") ? "unshift" : "push"]({ kind: "point", id: Number(index) });
    else if (found.length === 0) return [{ kind: "nothing", why: `Point ${index} is not among the ${ids.size.toLocaleString("en")} on the map.` }];
  }
  if (found.length > 0) return [...found, ...members];
  return [{ kind: "nothing", why: "Type an index, as 1638, a label, or error > 40." }];
}

function byError(sign: "<" | ">", limit: number, errors: Float32Array | null): Found {
  if (!errors) return { kind: "nothing", why: "The errors of the points are not known at this epoch." };
  const count = errors.filter((error) => isBeyond(error, sign, limit)).length;
  if (count === 0) return { kind: "nothing", why: `No point has an error ${sign === ">" ? "above" : "below"} ${limit}.` };
  return { kind: "errors", sign, limit, count };
}

export function isBeyond(error: number, sign: "<" | ">", limit: number): boolean {
  return sign === ">" ? error > limit : error < limit;
}
