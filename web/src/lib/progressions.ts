/** Which frames of a film to show when there is room for a few; as the pictures of a run choose them. */

/** What a run's configuration says of the small pictures. */
export interface Progression {
  readonly kind: "geometric" | "bezier";
  readonly frames: number;
  /** Flattens the geometric one. */
  readonly offset: number;
  readonly control1: readonly [number, number];
  readonly control2: readonly [number, number];
}

/** Places from 0 on, rising. */
export function chosenFrames(progression: Progression, total: number): readonly number[] {
  return progression.kind === "bezier" ? bezierFrames(progression, total) : geometricFrames(progression, total);
}

/** Distances grow by a constant factor; never the last frame, which is shown large. */
function geometricFrames({ frames, offset }: Progression, total: number): readonly number[] {
  const count = Math.min(frames, total);
  const grown = Array.from({ length: Math.max(0, count) }, (_, at) => offset * ((total + offset) / offset) ** (at / count) - offset);
  // A rounding error below a whole number must not move a frame.
  return [...new Set(grown.map((place) => Math.floor(place + 1e-9)))];
}

const LOOKUP = 200;

/** Along a cubic Bézier curve from (0, 0) to (1, 1), the first and the last frame included. */
function bezierFrames({ frames, control1, control2 }: Progression, total: number): readonly number[] {
  if (frames <= 0 || total <= 0) return [];
  const curve = Array.from({ length: LOOKUP }, (_, at) => {
    const t = at / (LOOKUP - 1);
    const [b1, b2, b3] = [3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
    return [b1 * control1[0] + b2 * control2[0] + b3, b1 * control1[1] + b2 * control2[1] + b3] as const;
  });
  const places = Array.from({ length: frames }, (_, at) => along(curve, frames > 1 ? at / (frames - 1) : 0));
  return [...new Set(places.map((share) => evenRound(Math.max(0, Math.min(1, share)) * (total - 1))))];
}

function along(curve: readonly (readonly [number, number])[], across: number): number {
  const next = curve.findIndex(([x]) => x >= across);
  if (next <= 0) return next === 0 ? (curve[0] as readonly [number, number])[1] : 1;
  const [[x0, y0], [x1, y1]] = [curve[next - 1], curve[next]] as [readonly [number, number], readonly [number, number]];
  return x1 === x0 ? y1 : y0 + ((across - x0) / (x1 - x0)) * (y1 - y0);
}

/** A half goes to the even neighbor, as numpy rounds. */
function evenRound(value: number): number {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}

type Fields = Readonly<Record<string, unknown>>;

/** The settings `analysis.pairs` of a run, with the defaults for what an older run does not say. */
export function progressionOf(settings: unknown): Progression {
  const given = (typeof settings === "object" && settings !== null ? settings : {}) as Fields;
  const whole = (name: string, usual: number) => (typeof given[name] === "number" ? given[name] : usual);
  const point = (name: string, usual: readonly [number, number]) => {
    const value = given[name];
    return isNumbers(value) && value.length === 2 ? (value as [number, number]) : usual;
  };
  return {
    kind: given.progression === "bezier" ? "bezier" : "geometric",
    frames: whole("frames", 10),
    offset: whole("offset", 10),
    control1: point("control1", [0.42, 0]),
    control2: point("control2", [1, 1]),
  };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((part) => typeof part === "number");
}

/** The pairs of dimensions that the settings name. */
export function pairsOf(settings: unknown): readonly (readonly [number, number])[] {
  const given = (typeof settings === "object" && settings !== null ? (settings as Fields).dimensions : null) ?? [];
  if (!Array.isArray(given)) return [];
  return given.flatMap((pair: unknown) => {
    const [across, up] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    return typeof across === "number" && typeof up === "number" ? [[across, up] as const] : [];
  });
}
