import type { Report } from "tidegate";

/** Hands the report over as the file that the command line writes with `--json`. */
export function downloadReport(report: Report): void {
  const url = URL.createObjectURL(
    new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: "application/json" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = "tidegate-report.json";
  link.click();
  URL.revokeObjectURL(url);
}
