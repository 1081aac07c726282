import { PlotFrame } from "./plot-frame";
import { useWidth } from "./use-width";
import { layoutXy, readXy, XyChart, type XyData } from "./xy-chart";

/** Curves as wide as their place, to be read point by point. */
export function XyPlot({ data, title, height = 260 }: { data: XyData; title: string; height?: number }) {
  const [place, width] = useWidth<HTMLDivElement>(420);
  const layout = layoutXy(data, { width, height });
  const desc = `${data.curves.map(({ name }) => name).join(", ")}: ${data.y.label} by ${data.x.label}.`;
  return (
    <div ref={place}>
      <p class="y-label quiet" aria-hidden="true">
        {data.y.label}
      </p>
      <PlotFrame label={title} hits={layout.hits} read={(i) => readXy(data, layout, i)}>
        {(active) => <XyChart data={data} layout={layout} text={{ title, desc }} active={active} />}
      </PlotFrame>
      {data.curves.length > 1 && <CurveLegend data={data} />}
    </div>
  );
}

function CurveLegend({ data }: { data: XyData }) {
  return (
    <p class="legend" aria-hidden="true">
      {data.curves.map(({ name, tone, dashed }) => (
        <span key={name} class={`legend-line tone-${tone}`}>
          <svg width="22" height="8" aria-hidden="true">
            <path class={dashed ? "line dashed" : "line"} d="M2 4H20" />
          </svg>
          {name}
        </span>
      ))}
    </p>
  );
}
