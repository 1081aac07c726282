import type { ChunkSummary } from "../analysis/protocol";
import { formatPlural } from "../lib/format";
import { DriftGrid, layoutGrid, readGrid } from "../plots/drift-grid";
import { PlotFrame } from "../plots/plot-frame";
import { useWidth } from "../plots/use-width";
import { gridOf, onsetSentence, unjudgedSentences } from "./stretches";

/** Verdicts of the columns in each stretch, when drift began, and why some were not judged. */
export function StretchesGrid({
  chunks,
  names,
}: {
  chunks: readonly ChunkSummary[];
  names: readonly string[];
}) {
  const [place, width] = useWidth<HTMLDivElement>(600);
  const data = gridOf(chunks, names);
  const layout = layoutGrid(data, width);
  const unjudged = unjudgedSentences(chunks, names);
  const text = {
    title: "Verdicts over time",
    desc: `${formatPlural(data.columns.length, "column")} by ${formatPlural(chunks.length, "stretch", "stretches")} of the current table.`,
  };
  return (
    <div ref={place}>
      <PlotFrame label={text.title} hits={layout.hits} read={(i) => readGrid(data, i)}>
        {(active) => <DriftGrid data={data} layout={layout} text={text} active={active} />}
      </PlotFrame>
      <p class="note">{onsetSentence(chunks, names)}</p>
      <p class="quiet note">
        A triangle is drift, an empty cell was not judged; the fuller a cell, the larger its effect. Each
        stretch has {formatPlural(chunks[0]?.rows ?? 0, "row")}, so that it shows less than the whole does.
      </p>
      {unjudged.length > 0 && (
        <ul class="quiet note">
          {unjudged.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
