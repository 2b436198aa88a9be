export type Cell = string | number | null | undefined;

/** A comma-separated table (RFC 4180): lines end with CR LF, and what needs quotes has them. */
export function csvOf(head: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [head, ...rows].map((row: readonly Cell[]) => row.map(cell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** A number in full; what is not finite stays empty. */
function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  // A spreadsheet would run a text that begins like a formula: a quote before it keeps it text.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
