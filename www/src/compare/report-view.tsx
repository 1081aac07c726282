import type { Report, Verdict } from "tidegate";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { formatPlural } from "../lib/format";
import { Icon } from "../ui/icon";
import { ColumnTable } from "./column-table";
import {
  BY_IMPORTANCE,
  countVerdicts,
  filterColumns,
  headline,
  isShared,
  type Sort,
  sortColumns,
  subline,
  toggleSort,
} from "./columns";
import { ColumnFilter } from "./column-filter";
import { downloadPage, downloadReport } from "./download";
import { type Further, NOTHING_FURTHER } from "./further";
import { HowToRead } from "./how-to-read";
import { RowsPanel } from "./rows-panel";
import { SegmentsPanel } from "./segments-panel";
import { optionsOf, type Settings } from "./settings";
import { SettingsPanel } from "./settings-panel";
import type { Slot } from "./state";
import { ReportFiles } from "./statistics";
import { TimePanel } from "./time-panel";

interface Props {
  report: Report;
  files: Record<Slot, File | null>;
  settings: Settings;
  onSettings: (settings: Settings) => void;
}

/** A report: the sentence first, then the columns. */
export function ReportView({ report, files, settings, onSettings }: Props) {
  const options = useMemo(() => optionsOf(settings), [settings]);
  const [sort, setSort] = useState<Sort>(BY_IMPORTANCE);
  const [text, setText] = useState("");
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [further, setFurther] = useState<Further>(NOTHING_FURTHER);
  const tell = (part: Partial<Further>) => setFurther((before) => ({ ...before, ...part }));
  const heading = useRef<HTMLHeadingElement>(null);
  const counts = countVerdicts(report.columns);
  const columns = useMemo(
    () => sortColumns(filterColumns(report.columns, text, verdict), sort),
    [report, text, verdict, sort],
  );

  const both = useMemo(
    () => files.reference && files.current && { reference: files.reference, current: files.current },
    [files.reference, files.current],
  );

  // A person who works by keyboard or ear is taken to the answer.
  useEffect(() => heading.current?.focus(), [report]);

  return (
    <section class="report" aria-label="Report">
      <div class={`headline headline-${report.verdict}`}>
        <div>
          <h1 ref={heading} tabIndex={-1}>
            <Icon name={report.verdict} size={26} />
            {headline(report)}
          </h1>
          <p>{subline(report)}</p>
        </div>
        <div class="downloads">
          <button type="button" class="button" onClick={() => downloadPage(report, namesOf(files), further)}>
            <Icon name="download" /> Report as HTML
          </button>
          <button type="button" class="button" onClick={() => downloadReport(report)}>
            <Icon name="download" /> Report as JSON
          </button>
        </div>
      </div>
      <SettingsPanel settings={settings} columns={report.columns} onChange={onSettings} />
      <ColumnFilter
        text={text}
        onText={setText}
        verdict={verdict}
        onVerdict={setVerdict}
        counts={counts}
        total={report.columns.length}
      />
      <ReportFiles.Provider value={both}>
        <ColumnTable columns={columns} sort={sort} onSort={(key) => setSort(toggleSort(sort, key))} />
      </ReportFiles.Provider>
      <HowToRead />
      {files.reference && files.current && report.columns.some(isShared) && (
        <>
          <TimePanel
            key={`${files.reference.name} ${files.current.name}`}
            reference={files.reference}
            current={files.current}
            options={options}
            columns={sortColumns(report.columns, BY_IMPORTANCE)}
            onAnswer={(chunks) => tell({ chunks })}
          />
          <SegmentsPanel
            key={`segments ${files.reference.name} ${files.current.name}`}
            reference={files.reference}
            current={files.current}
            options={options}
            columns={report.columns}
            onAnswer={(segments) => tell({ segments })}
          />
          <RowsPanel
            key={report.columns.length}
            reference={files.reference}
            current={files.current}
            options={options}
            onAnswer={(rows) => tell({ rows })}
          />
        </>
      )}
      <p class="visually-hidden" role="status">
        {formatPlural(columns.length, "column")} shown
      </p>
    </section>
  );
}

function namesOf({ reference, current }: Record<Slot, File | null>): { reference: string; current: string } {
  return { reference: reference?.name ?? "the reference", current: current?.name ?? "the current table" };
}
