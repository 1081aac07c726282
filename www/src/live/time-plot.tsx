import { layoutLines, LineChart, type LineData, readLines } from "../plots/line-chart";
import { PlotFrame } from "../plots/plot-frame";
import { useWidth } from "../plots/use-width";

interface Props {
  data: LineData;
  title: string;
  height: number;
  /** Without axes, for small multiples. */
  compact?: boolean;
}

/** A line chart as wide as its place, to be read point by point. */
export function TimePlot({ data, title, height, compact = false }: Props) {
  const [place, width] = useWidth<HTMLDivElement>(320);
  const layout = layoutLines(data, { width, height }, compact);
  const text = {
    title,
    desc: `${data.lines.map((line) => line.name).join(", ")} over ${data.atSeconds.length} moments.`,
  };
  return (
    <div ref={place} class="time-plot">
      <PlotFrame label={title} hits={layout.hits} read={(i) => readLines(data, i)}>
        {(active) => <LineChart data={data} layout={layout} text={text} active={active} />}
      </PlotFrame>
    </div>
  );
}

/** Names of the lines, drawn as they are drawn. */
export function LineLegend({ data }: { data: LineData }) {
  return (
    <p class="legend" aria-hidden="true">
      {data.lines.map((line) => (
        <span key={line.name} class={`legend-line tone-${line.tone}`}>
          <svg width="22" height="8" aria-hidden="true">
            <path class={line.dashed ? "line dashed" : "line"} d="M2 4H20" />
          </svg>
          {line.name}
        </span>
      ))}
    </p>
  );
}
