import { Confusion, type ConfusionData, layoutConfusion, readConfusion } from "./confusion";
import { PlotFrame } from "./plot-frame";
import { useWidth } from "./use-width";

/** A confusion matrix as wide as its place, to be read cell by cell. */
export function ConfusionPlot({ data, title }: { data: ConfusionData; title: string }) {
  const [place, width] = useWidth<HTMLDivElement>(420);
  const layout = layoutConfusion(data, width);
  const text = {
    title,
    desc: `A row an actual class, a column a predicted one, of ${data.classes.length} classes.`,
  };
  return (
    <div ref={place}>
      <PlotFrame label={title} hits={layout.hits} read={(i) => readConfusion(data, i)}>
        {(active) => <Confusion data={data} layout={layout} text={text} active={active} />}
      </PlotFrame>
    </div>
  );
}
