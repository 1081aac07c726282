// What an access log says of its models, as lines that a person reads.

import type { VersionSnapshot } from "../wire.js";
import { formatNumber, plural, printable } from "./format.js";
import type { ObservedLog } from "./observe-log.js";
import type { Palette } from "./palette.js";
import { layOut } from "./table-layout.js";

/** A row a version of a model: requests, failures, latency and what it predicted most. */
export function renderObserved(log: ObservedLog, palette: Palette, width: number): string[] {
  const versions = log.snapshot.models.flatMap(({ model_name, versions }) =>
    versions.map((version) => ({ model_name, version })),
  );
  const rows = versions.map(({ model_name, version }) => ({
    cells: [
      printable(model_name),
      printable(version.version),
      formatNumber(requestsOf(version)),
      formatNumber(requestsOf(version, "success")),
      secondsOf(version, "p50"),
      secondsOf(version, "p99"),
      version.predictions
        .slice(0, 3)
        .map(({ class: name, count }) => `${printable(name)} ${formatNumber(count)}`)
        .join(", "),
    ],
  }));
  const left = "left" as const;
  const right = "right" as const;
  const columns = [
    { header: "model", align: left, shrinkTo: 12 },
    { header: "version", align: left, shrinkTo: 7 },
    { header: "requests", align: right },
    { header: "succeeded", align: right },
    { header: "p50 s", align: right },
    { header: "p99 s", align: right },
    { header: "predictions", align: left, shrinkTo: 11, leaveOut: 1 },
  ];
  const firing = log.snapshot.alerts.filter(({ state }) => state === "firing");
  return [
    ...layOut(columns, rows, width),
    "",
    ...firing.map(({ name, when }) => palette.drift(`${printable(name)} fires: ${printable(when)}`)),
    palette.dim(`${plural(log.records, "record")}, ${plural(log.others, "other line")}`),
  ];
}

function requestsOf(version: VersionSnapshot, wanted?: string): number {
  const counted = version.requests.filter(({ status }) => wanted === undefined || status === wanted);
  return counted.reduce((sum, { count }) => sum + count, 0);
}

function secondsOf(version: VersionSnapshot, quantile: "p50" | "p99"): string {
  const value = version.latency.find(({ stage }) => stage === "total")?.seconds[quantile];
  return value == null ? "" : formatNumber(value);
}
