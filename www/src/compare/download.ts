import type { Report } from "tidegate";

import type { Further } from "./further";
import { reportPage, type TableNames } from "./report-page";

/** Hands the report over as the file that the command line writes with `--json`. */
export function downloadReport(report: Report): void {
  download(`${JSON.stringify(report, null, 2)}\n`, "application/json", "tidegate-report.json");
}

/** Hands the report over as a page of one file, with what else is shown. */
export function downloadPage(report: Report, names: TableNames, further: Further): void {
  download(reportPage(report, names, further, new Date()), "text/html", "tidegate-report.html");
}

function download(content: string, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
