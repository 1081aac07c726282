// What a report has beside the columns' own tests: whole rows, and what other tools would print.

import type { Report } from "../wire.js";
import { formatNumber, formatPValue, printable, words } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, layOut } from "./table-layout.js";

const COLUMNS: readonly LayoutColumn[] = [
  { header: "column", align: "left", shrinkTo: 12 },
  { header: "tool", align: "left" },
  { header: "method", align: "left", shrinkTo: 16 },
  { header: "value", align: "right" },
  { header: "cut", align: "right" },
  { header: "says", align: "left" },
];

/** Lines to stand below the table; none if nothing of it was asked for. */
export function renderBeside(report: Report, palette: Palette, width: number): string[] {
  const rows = (report.multivariate ?? []).map(({ method, verdict, test, note }) => {
    const found = test ? `effect ${formatNumber(test.effect)}, p ${formatPValue(test.p_value)}` : (note ?? "");
    return `${words(method)}: ${palette[verdict](words(verdict))}, ${printable(found)}`;
  });
  const peers = report.columns.flatMap(({ name, compatibility = [] }) =>
    compatibility.map(({ peer, method, value, threshold, drift }) => ({
      cells: [
        printable(name),
        peer,
        method,
        value == null ? "" : formatNumber(value),
        threshold == null ? "" : formatNumber(threshold),
        drift == null ? "" : drift ? "drift" : "no drift",
      ],
    })),
  );
  const [header = "", ...lines] = peers.length > 0 ? layOut(COLUMNS, peers, width) : [];
  const table = peers.length > 0 ? ["", palette.dim(header), ...lines] : [];
  return [...(rows.length > 0 ? ["", ...rows] : []), ...table];
}
