const WIDTH = 92;
const HEIGHT = 22;

/**
 * Drops in equal steps. The rows of a list share a scale; it grows by the root, so that the few
 * drops of one row are seen beside the flood of another.
 */
export function Sparkline(props: { counts: readonly number[]; most: number; label: string }) {
  const { counts, most } = props;
  const step = WIDTH / Math.max(1, counts.length);
  const bar = Math.max(1, step - 1);
  const path = counts
    .map((count, at) => {
      if (count <= 0) return "";
      const height = Math.max(2, Math.sqrt(count / Math.max(1, most)) * (HEIGHT - 1));
      return `M${(at * step).toFixed(1)} ${HEIGHT}v${(-height).toFixed(1)}h${bar.toFixed(1)}V${HEIGHT}z`;
    })
    .join("");
  return (
    <svg
      class="spark"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={props.label}
    >
      <path class="spark-base" d={`M0 ${HEIGHT - 0.5}h${WIDTH}`} />
      <path class="spark-bars" d={path} />
    </svg>
  );
}
