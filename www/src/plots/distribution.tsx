import type { Distribution } from "tidegate";

import { formatCount, formatNumber } from "../lib/format";
import { CategoryBars, CategorySparkline, barsOf, layoutCategories, readCategory } from "./category-bars";
import { CumulativePlot, cumulativeOf, readCumulative } from "./cumulative";
import { besideSentence, Histogram, HistogramSparkline, layoutHistogram, readHistogram } from "./histogram";
import { PlotFrame } from "./plot-frame";
import type { Hit, PlotText } from "./types";
import { useWidth } from "./use-width";

/** Both distributions of a column, large, to be read bin by bin. */
export function DistributionPlot({ name, distribution }: { name: string; distribution: Distribution }) {
  const [place, width] = useWidth<HTMLDivElement>(480);
  const text = textOf(name, distribution);
  return (
    <div ref={place} class="distribution">
      <Legend />
      {isEmpty(distribution) ? (
        <p class="quiet">No values to draw.</p>
      ) : (
        <Plot text={text} width={width} distribution={distribution} />
      )}
    </div>
  );
}

function Plot({ text, width, distribution }: { text: PlotText; width: number; distribution: Distribution }) {
  if (distribution.kind === "bins") {
    const layout = layoutHistogram(distribution, { width, height: 250 });
    const cumulative = cumulativeOf(distribution);
    const cumulativeText = {
      title: text.title.replace("Distribution", "Cumulative distribution"),
      desc: "Share of rows below each value. The dashed line is the reference, the full line the current table.",
    };
    return (
      <>
        <h3 class="plot-heading">Share of rows in each bin</h3>
        <PlotFrame label={text.title} hits={layout.hits} read={(i) => readHistogram(distribution, i)}>
          {(active) => <Histogram layout={layout} text={text} active={active} />}
        </PlotFrame>
        <h3 class="plot-heading">Share below each value, at the edges of the bins</h3>
        <PlotFrame
          label={cumulativeText.title}
          hits={edgeHits(layout.xs, 150)}
          read={(i) => readCumulative(cumulative, i)}
        >
          {(active) => (
            <CumulativePlot
              data={cumulative}
              layout={layout}
              height={150}
              text={cumulativeText}
              active={active}
            />
          )}
        </PlotFrame>
        {!layout.isEven && (
          <p class="quiet plot-note">Bins of different width, side by side: the axis is not to scale.</p>
        )}
        {besideSentence(distribution) && <p class="quiet plot-note">{besideSentence(distribution)}</p>}
      </>
    );
  }
  const layout = layoutCategories(distribution, width);
  return (
    <>
      <h3 class="plot-heading">Share of rows of each category</h3>
      <PlotFrame label={text.title} hits={layout.hits} read={(i) => readCategory(distribution, i)}>
        {(active) => <CategoryBars layout={layout} text={text} active={active} />}
      </PlotFrame>
    </>
  );
}

/** Both distributions in the size of a table cell. */
export function DistributionSparkline({
  name,
  distribution,
  width = 132,
}: {
  name: string;
  distribution: Distribution;
  width?: number;
}) {
  const text = textOf(name, distribution);
  const size = { width, height: 34 };
  if (isEmpty(distribution)) return <span class="quiet">–</span>;
  return distribution.kind === "bins" ? (
    <HistogramSparkline data={distribution} size={size} text={text} />
  ) : (
    <CategorySparkline data={distribution} size={size} text={text} />
  );
}

/** Which shape is which table: filled against outlined, so that colour is not needed. */
export function Legend() {
  return (
    <p class="legend" aria-hidden="true">
      <span class="swatch swatch-reference" /> Reference
      <span class="swatch swatch-current" /> Current
    </p>
  );
}

/** The numbers behind the plot, as a table. */
export function DistributionTable({ name, distribution }: { name: string; distribution: Distribution }) {
  const rows =
    distribution.kind === "bins"
      ? distribution.reference.map((count, i) => ({
          label: `${formatNumber(distribution.edges[i] ?? null)} to ${formatNumber(distribution.edges[i + 1] ?? null)}`,
          counts: [count, distribution.current[i] ?? 0] as const,
        }))
      : barsOf(distribution).map((bar) => ({ label: bar.name, counts: bar.counts }));
  return (
    <table class="numbers">
      <caption class="visually-hidden">Rows of {name} by bin</caption>
      <thead>
        <tr>
          <th scope="col">{distribution.kind === "bins" ? "Bin" : "Category"}</th>
          <th scope="col">Reference</th>
          <th scope="col">Current</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.label}>
            <th scope="row">{row.label}</th>
            <td>{formatCount(row.counts[0])}</td>
            <td>{formatCount(row.counts[1])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Around each edge, halfway to its neighbours. */
function edgeHits(xs: readonly number[], height: number): Hit[] {
  return xs.map((x, i) => {
    const left = (x + (xs[i - 1] ?? x)) / 2;
    return { x: left, y: 0, width: Math.max(1, (x + (xs[i + 1] ?? x)) / 2 - left), height };
  });
}

function isEmpty(distribution: Distribution): boolean {
  return distribution.kind === "bins" ? distribution.edges.length < 2 : barsOf(distribution).length === 0;
}

function textOf(name: string, distribution: Distribution): PlotText {
  const parts =
    distribution.kind === "bins"
      ? `${distribution.reference.length} bins`
      : `${distribution.names.length} categories`;
  return {
    title: `Distribution of ${name}, reference and current`,
    desc: `Shares of rows in ${parts}. Filled bars are the reference, the outline is the current table.`,
  };
}
