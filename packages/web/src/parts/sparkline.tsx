const WIDTH = 96;
const HEIGHT = 24;

/** The course of a number, without axes: beside the number itself. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return <span className="quiet">–</span>;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = high - low || 1;
  const points = values
    .map((value, i) => {
      const x = (i / (values.length - 1)) * (WIDTH - 4) + 2;
      const y = HEIGHT - 3 - ((value - low) / range) * (HEIGHT - 6);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
  return (
    <svg
      className="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <polyline points={points} />
    </svg>
  );
}
