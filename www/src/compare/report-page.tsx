import type { ColumnReport, Report } from "tidegate";
import { render } from "preact";

import { formatCount, formatPlural, formatPValue } from "../lib/format";
import { methodText } from "../lib/methods";
import { DistributionSparkline } from "../plots/distribution";
import { EffectBar } from "../ui/effect-bar";
import { Panel } from "../ui/panel";
import { VerdictBadge } from "../ui/verdict-badge";
import { ColumnDetail } from "./column-detail";
import { BY_IMPORTANCE, headline, pOf, sortColumns, subline, unjudgedReason } from "./columns";
import type { Further } from "./further";
import { HowToRead } from "./how-to-read";
import { MissingCell } from "./missing-cell";
import { RowsTable } from "./rows-table";
import { SegmentsTable } from "./segments-table";
import { StretchesGrid } from "./stretches-grid";

/** Columns that are shown in full, at most: the page stays one that a browser opens at once. */
const MOST_DETAILS = 200;

/** What the two tables are called. */
export interface TableNames {
  reference: string;
  current: string;
}

/** The report as one file for who has no explorer at hand: all columns, open, with what was asked for beside them, in the explorer's look, and not a line of script. */
export function reportPage(report: Report, names: TableNames, further: Further, madeAt: Date): string {
  const body = document.createElement("div");
  render(<Page report={report} names={names} further={further} madeAt={madeAt} />, body);
  // Nothing answers to a pointer or a key there.
  for (const frame of body.querySelectorAll(".plot-frame")) {
    frame.removeAttribute("tabindex");
    frame.setAttribute("aria-label", frame.querySelector("title")?.textContent ?? "Plot");
  }
  const title = document.createElement("title");
  title.textContent = `${names.current} against ${names.reference}: ${headline(report)}`;
  const style = document.createElement("style");
  style.textContent = [...document.styleSheets]
    .flatMap(({ cssRules }) => [...cssRules])
    .map(({ cssText }) => cssText)
    .join("\n");
  const html = body.innerHTML;
  render(null, body);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
${title.outerHTML}
${style.outerHTML}
</head>
<body>${html}</body>
</html>
`;
}

interface PageProps {
  report: Report;
  names: TableNames;
  further: Further;
  madeAt: Date;
}

function Page({ report, names, further, madeAt }: PageProps) {
  const columns = sortColumns(report.columns, BY_IMPORTANCE);
  const open = columns.slice(0, MOST_DETAILS);
  const { chunks, segments, rows } = further;
  return (
    <main class="report report-page">
      <h1>{headline(report)}</h1>
      <p>{subline(report)}</p>
      <p class="quiet">
        {names.current} ({formatPlural(report.current.rows, "row")}) against {names.reference} (
        {formatPlural(report.reference.rows, "row")}), compared by Tidegate on{" "}
        <time dateTime={madeAt.toISOString()}>{madeAt.toISOString().slice(0, 16).replace("T", " ")} UTC</time>
        .
      </p>
      <HowToRead />
      <div class="panel scroll">
        <table class="figures">
          <caption class="visually-hidden">All columns. A name leads to its distributions and tests.</caption>
          <thead>
            <tr>
              <th scope="col">Column</th>
              {["Verdict", "Distributions", "Decided by", "Effect"].map((name) => (
                <th key={name} scope="col" class="text">
                  {name}
                </th>
              ))}
              <th scope="col">Adjusted p</th>
              <th scope="col">Missing</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column, i) => (
              <Summary key={column.name} column={column} place={i < open.length ? `column-${i + 1}` : null} />
            ))}
          </tbody>
        </table>
      </div>
      {open.length < columns.length && (
        <p class="quiet">
          The first {formatCount(open.length)} of {formatPlural(columns.length, "column")} follow in full.
        </p>
      )}
      {chunks && (
        <Panel title="Over time" isWide>
          <StretchesGrid chunks={chunks} names={columns.map(({ name }) => name)} />
        </Panel>
      )}
      {segments && (
        <Panel title="By segment" isWide>
          <SegmentsTable report={segments} />
        </Panel>
      )}
      {rows && (
        <Panel title="Whole rows" isWide>
          <RowsTable rows={rows} />
        </Panel>
      )}
      {open.map((column, i) => (
        <section key={column.name} class="panel" aria-labelledby={`column-${i + 1}`}>
          <h2 id={`column-${i + 1}`}>
            {column.name} <VerdictBadge verdict={column.verdict} />
          </h2>
          <ColumnDetail column={column} />
        </section>
      ))}
    </main>
  );
}

function Summary({ column, place }: { column: ColumnReport; place: string | null }) {
  const test = column.tests[0];
  return (
    <tr>
      <th scope="row">{place === null ? column.name : <a href={`#${place}`}>{column.name}</a>}</th>
      <td class="text">
        <VerdictBadge verdict={column.verdict} />
      </td>
      <td class="text">
        <DistributionSparkline name={column.name} distribution={column.distribution} />
      </td>
      <td class="text">{test ? methodText(test.method).short : (unjudgedReason(column) ?? "–")}</td>
      <td class="text">
        {test && <EffectBar value={test.effect} interval={test.interval} verdict={column.verdict} />}
      </td>
      <td>{formatPValue(pOf(column))}</td>
      <td>
        <MissingCell column={column} />
      </td>
    </tr>
  );
}
