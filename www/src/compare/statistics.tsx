import type { ColumnProfile } from "tidegate";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { numbered, useAnswer } from "../analysis/use-answer";
import { formatCount, formatNumber, formatPercent } from "../lib/format";

/** The files of the report that is shown; none where a report stands by itself. */
export const ReportFiles = createContext<{ reference: File; current: File } | null>(null);

/** Mean, deviation and range of a column, or its categories, in both tables; nothing where the files are not at hand. */
export function Statistics({ name }: { name: string }) {
  const files = useContext(ReportFiles);
  const profiles = useAnswer<"profiles">(
    files && {
      about: "profiles",
      files: { reference: numbered(files.reference), current: numbered(files.current) },
      column: name,
    },
  );
  const [reference, current] = profiles.answer ?? [null, null];
  if (!reference || !current) return null;
  const [before, now] = [figuresOf(reference), figuresOf(current)];
  const rows = before.filter(([figure]) => now.some(([other]) => other === figure));
  return (
    <table class="figures statistics">
      <caption class="visually-hidden">Statistics of {name}</caption>
      <thead>
        <tr>
          <th scope="col">Statistic</th>
          <th scope="col">Reference</th>
          <th scope="col">Current</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([figure, value]) => (
          <tr key={figure}>
            <th scope="row">{figure}</th>
            <td>{value}</td>
            <td>{now.find(([other]) => other === figure)?.[1]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What is told of a column of one table, each with its name. */
export function figuresOf({ summary, counts }: ColumnProfile): [name: string, value: string][] {
  if (summary.kind === "numeric") {
    return [
      ["Mean", formatNumber(summary.mean)],
      ["Standard deviation", formatNumber(summary.standard_deviation)],
      ["Smallest", formatNumber(summary.min)],
      ["Largest", formatNumber(summary.max)],
    ];
  }
  const most = Math.max(0, ...summary.bins);
  const name = summary.names[summary.bins.indexOf(most)];
  const categories = summary.bins.filter((count) => count > 0).length;
  return [
    ["Categories", summary.other > 0 ? `more than ${formatCount(categories)}` : formatCount(categories)],
    ["Most frequent", name === undefined ? "–" : `${name} (${formatPercent(most / counts.count)})`],
  ];
}
