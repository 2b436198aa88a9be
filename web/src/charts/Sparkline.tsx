interface SparklineProps {
  readonly values: readonly (number | null)[];
  /** How many the full width stands for. */
  readonly total: number;
}

const WIDTH = 112;
const HEIGHT = 28;

/** A curve as small as a word. Its top is cut where the first values tower over the rest. */
export function Sparkline({ values, total }: SparklineProps) {
  const path = sparkPath(values, total);
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={path} fill="none" stroke="var(--text-2)" strokeWidth="1.3" strokeLinejoin="round" />
    </svg>
  );
}

export function sparkPath(values: readonly (number | null)[], total: number): string {
  const finite = values.filter((value): value is number => typeof value === "number");
  if (finite.length < 2) return "";
  const sorted = [...finite].sort((a, b) => a - b);
  const low = sorted[0] as number;
  const high = sorted[Math.floor((sorted.length - 1) * (sorted.length > 12 ? 0.96 : 1))] as number;
  const span = high - low || 1;
  const across = Math.max(total, values.length - 1, 1);
  const points = values.flatMap((value, at) => {
    if (value === null) return [];
    const y = 3 + (1 - Math.min(1.1, (value - low) / span)) * (HEIGHT - 6);
    return [`${((at / across) * WIDTH).toFixed(1)} ${y.toFixed(1)}`];
  });
  return `M${points.join("L")}`;
}
