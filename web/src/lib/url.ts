/** Reads one parameter of the address; null when it is not there. */
export function readParam(name: string): string | null {
  return typeof window === "undefined" ? null : new URLSearchParams(window.location.search).get(name);
}

/** Reads a whole, non-negative number out of the address; null for anything else. */
export function readCount(name: string): number | null {
  const text = readParam(name);
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** Reads a number that is not negative, such as an epoch and the share of the next; null for anything else. */
export function readAmount(name: string): number | null {
  const text = readParam(name);
  return text !== null && /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : null;
}

/** The query with some parameters changed; null takes one out. Others stay, in their order. */
export function withParams(search: string, changes: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  return query ? `?${query}` : "";
}

const REST_MS = 200;
const LONGEST_MS = 1500;
const pending = new Map<string, string | null>();
let timer: ReturnType<typeof setTimeout> | null = null;
let since = 0;

/**
 * Writes parameters into the address when they have come to rest, or after a while that they do not:
 * browsers refuse floods of changes, and each of them costs the router a turn.
 */
export function writeParams(changes: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(changes)) pending.set(name, value);
  if (timer === null) since = Date.now();
  else clearTimeout(timer);
  timer = setTimeout(flush, Math.max(0, Math.min(REST_MS, since + LONGEST_MS - Date.now())));
}

function flush(): void {
  timer = null;
  const { pathname, search, hash } = window.location;
  const query = withParams(search, Object.fromEntries(pending));
  pending.clear();
  if (query !== search) window.history.replaceState(window.history.state, "", pathname + query + hash);
}
