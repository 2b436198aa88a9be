const written = new Map<string, Intl.NumberFormat>();

/** Making a number format costs far more than using it, and a panel of numbers is written at every epoch. */
function english(least: number, most: number): Intl.NumberFormat {
  const key = `${least}.${most}`;
  const known = written.get(key) ?? new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most });
  written.set(key, known);
  return known;
}

/** A number in at most `digits` significant digits, without an exponent where it can be avoided. */
export function compact(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(1).replace("e+", "e").replace("-", "−").replace("e-", "e−");
  const whole = Math.floor(Math.log10(size)) + 1;
  const decimals = Math.max(0, Math.min(6, digits - whole));
  return english(0, decimals).format(value).replace("-", "−");
}

/** A metric with a steady number of decimals, so that a live number does not jump about. */
export function steady(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return compact(value, 3);
  const decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return english(decimals, decimals).format(value).replace("-", "−");
}

/** An entropy or a divergence: what is below a thousandth is said to be so. */
export function nats(value: number | null | undefined): string {
  return value !== null && value !== undefined && value < 1e-3 && value >= 0 ? (value === 0 ? "0" : "<0.001") : steady(value);
}

export function count(value: number): string {
  return english(0, 3).format(value);
}

export function percent(value: number): string {
  const share = value * 100;
  return `${share > 0 && share < 1 ? "<1" : Math.round(share)}%`;
}

/** Seconds as a clock: 0:44, 2:31, 1:02:03. */
export function clock(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const total = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Seconds in words: 45 s, 3 min, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 1) return "less than a second";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

/** What is left of a run, rounded as far as such a guess can be trusted. */
export function timeLeft(seconds: number | null): string | null {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return null;
  if (seconds < 5) return "a few seconds left";
  if (seconds < 60) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  return `about ${duration(seconds < 90 ? 60 : seconds)} left`.replace("60 s", "1 min");
}

/** HH:MM:SS of an ISO time, in the reader's zone. */
export function timeOfDay(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB", { hour12: false });
}

/** How long ago, in one or two words. */
export function ago(iso: string | null | undefined, now: number): string {
  const then = iso ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(then)) return "–";
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}
