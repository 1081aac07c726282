import { type IntervalData, Intervals, layoutIntervals, readIntervals } from "./intervals";
import { PlotFrame } from "./plot-frame";
import { useWidth } from "./use-width";

/** Intervals as wide as their place, to be read row by row. */
export function IntervalPlot({ data, title }: { data: IntervalData; title: string }) {
  const [place, width] = useWidth<HTMLDivElement>(420);
  const layout = layoutIntervals(data, width);
  const text = { title, desc: `${data.rows.map(({ name }) => name).join(", ")}, each with its interval.` };
  return (
    <div ref={place}>
      <PlotFrame label={title} hits={layout.hits} read={(i) => readIntervals(data, i)}>
        {(active) => <Intervals data={data} layout={layout} text={text} active={active} />}
      </PlotFrame>
    </div>
  );
}
