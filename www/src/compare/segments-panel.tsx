import type { ColumnReport, SegmentReport, SegmentsReport } from "tidegate";
import { useState } from "preact/hooks";

import { ColumnPicker } from "../analysis/column-picker";
import { numbered, useAnswer } from "../analysis/use-answer";
import { formatCount, formatPercent, formatPlural, formatScore } from "../lib/format";
import { segmentText } from "../lib/segments";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";
import { VerdictBadge } from "../ui/verdict-badge";
import type { ChosenOptions } from "./settings";

interface Props {
  reference: File;
  current: File;
  options: ChosenOptions;
  columns: readonly ColumnReport[];
}

/** Where the current table drifted: each value or range of a column by itself, once one is picked. */
export function SegmentsPanel({ reference, current, options, columns }: Props) {
  const [by, setBy] = useState<string | null>(null);
  const segments = useAnswer<"segments">(
    by === null
      ? null
      : {
          about: "segments",
          files: { reference: numbered(reference), current: numbered(current) },
          by,
          options,
        },
  );
  return (
    <Panel title="By segment" note="drift that the whole hides" isWide>
      <fieldset class="pickers pickers-plain">
        <legend class="visually-hidden">What both tables are cut by</legend>
        <ColumnPicker
          label="By the values of"
          columns={columns.filter(isInBoth)}
          value={by}
          onChange={setBy}
          none="no column"
        />
      </fieldset>
      {by === null && (
        <p class="quiet note">
          Pick a column, such as a country, a device or an age: each of its values, or each quarter of its
          numbers, is compared by itself.
        </p>
      )}
      {segments.isBusy && <p role="status">Comparing segment by segment…</p>}
      {segments.error !== null && <ErrorMessage>{segments.error}</ErrorMessage>}
      {by !== null && segments.answer && <Segments report={segments.answer} />}
    </Panel>
  );
}

const isInBoth = ({ reference, current }: ColumnReport) =>
  [reference, current].every(({ count, missing }) => count + missing > 0);

function Segments({ report }: { report: SegmentsReport }) {
  const { by, segments } = report;
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
            {segments.map((one) => (
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
