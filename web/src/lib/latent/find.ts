/** What a search means: a point by its index, or a class by its name. */
export type Found =
  | { readonly kind: "point"; readonly id: number }
  | { readonly kind: "class"; readonly value: number; readonly count: number }
  | { readonly kind: "nothing"; readonly why: string };

interface Searchable {
  readonly ids: ReadonlySet<number> | ReadonlyMap<number, number>;
  readonly classes: readonly { readonly value: number; readonly name: string; readonly count: number }[];
}

/** Reads "1638", "#1638", "3" or "label 3". What is meant most likely comes first. */
export function find(query: string, { ids, classes }: Searchable): readonly Found[] {
  const text = query.trim().toLowerCase();
  if (text === "") return [];
  const named = text.replace(/^(label|class|component|prediction)\s+/, "");
  const asks = named !== text;
  const found: Found[] = classes
    .filter(({ name }) => name.toLowerCase() === named || (named.length > 1 && name.toLowerCase().startsWith(named)))
    .map(({ value, count }) => ({ kind: "class", value, count }));
  const index = /^#?(\d{1,9})$/.exec(text)?.[1];
  if (index !== undefined && !asks) {
    if (ids.has(Number(index))) found[text.startsWith("#") ? "unshift" : "push"]({ kind: "point", id: Number(index) });
    else if (found.length === 0) return [{ kind: "nothing", why: `Point ${index} is not among the ${ids.size.toLocaleString("en")} on the map.` }];
  }
  if (found.length > 0) return found;
  return [{ kind: "nothing", why: "Type an index, as 1638, or a label." }];
}
