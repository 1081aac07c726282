import type { SegmentReport, SegmentsReport } from "tidegate";

import { formatCount, formatPercent, formatPlural, formatScore } from "../lib/format";
import { segmentText } from "../lib/segments";
import { Scroll } from "../ui/scroll";
import { VerdictBadge } from "../ui/verdict-badge";

/** Each segment: its share of both tables, its verdict, and which columns drifted. */
export function SegmentsTable({ report }: { report: SegmentsReport }) {
  const { by, segments } = report;
  const [large, small] = [segments.filter(({ note }) => !note), segments.filter(({ note }) => note)];
  const listed = small.length > MOST_SMALL ? large : segments;
  const unlisted = segments.length - listed.length;
  const totals = { reference: rowsOf(segments, "reference"), current: rowsOf(segments, "current") };
  const share = (one: SegmentReport, side: "reference" | "current") =>
    `${formatCount(one[side].rows)} (${formatPercent(one[side].rows / totals[side])})`;
  return (
    <>
      <Scroll>
        <table class="figures">
          <caption class="visually-hidden">Segments by {by}</caption>
          <thead>
            <tr>
              <th scope="col">{by}</th>
              <th scope="col">Reference rows</th>
              <th scope="col">Current rows</th>
              <th scope="col" class="text">
                Verdict
              </th>
              <th scope="col" class="text">
                Columns that drifted, and how far
              </th>
            </tr>
          </thead>
          <tbody>
            {listed.map((one) => (
              <tr key={segmentText(one.segment)}>
                <th scope="row" class="name">
                  {segmentText(one.segment)}
                </th>
                <td>{share(one, "reference")}</td>
                <td>{share(one, "current")}</td>
                <td class="text">
                  <VerdictBadge verdict={one.verdict} />
                </td>
                <td class="text names">{one.note ?? driftedIn(one)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {unlisted > 0 && (
        <p class="note">
          {formatPlural(unlisted, "segment")} with too few rows of either table to be compared are not listed
          {large.length < 2 && `: ${by} has too many values to cut by`}.
        </p>
      )}
      <p class="quiet note">
        A number is the effect of a column's deciding test. The p-values of all columns of all{" "}
        {formatPlural(segments.length, "segment")} are corrected together, so that more segments are no more
        false alarms.
      </p>
    </>
  );
}

const rowsOf = (segments: readonly SegmentReport[], side: "reference" | "current") =>
  Math.max(
    1,
    segments.reduce((sum, one) => sum + one[side].rows, 0),
  );

/** Segments too small to be compared that are listed each by itself, at most. */
const MOST_SMALL = 5;

/** Names that a cell has room for. */
const MOST_NAMES = 4;

/** The columns that drifted, the largest effect first. */
export function driftedIn({ columns }: SegmentReport): string {
  const effect = (column: SegmentReport["columns"][number]) => column.tests[0]?.effect ?? 0;
  const missing = columns.filter(({ missing_test: test }) => test?.verdict === "drift");
  const drifted = columns.filter(({ verdict }) => verdict === "drift").sort((a, b) => effect(b) - effect(a));
  const names = [
    ...drifted.map((column) => `${column.name} ${formatScore(effect(column))}`),
    ...missing.map(({ name }) => `missing values of ${name}`),
  ];
  const more = names.length - MOST_NAMES;
  return (
    [...names.slice(0, MOST_NAMES), ...(more > 0 ? [`${formatCount(more)} more`] : [])].join(", ") || "–"
  );
}
