import type { ModelSnapshot } from "tidegate";

import { formatRate, formatSeconds } from "../lib/format";
import type { LineData } from "../plots/line-chart";
import { trafficSeries } from "./figures";
import { Panel } from "../ui/panel";
import { LineLegend, TimePlot } from "./time-plot";

/** Requests and latency over time, a point a pane. */
export function TrafficPanel({ model, atSeconds: now }: { model: ModelSnapshot; atSeconds: number }) {
  const series = trafficSeries(model, now);
  const atSeconds = series.map((point) => point.at_seconds);
  const requests: LineData = {
    atSeconds,
    format: formatRate,
    lines: [
      {
        name: "requests",
        tone: "main",
        filled: true,
        values: series.map((point) => point.requests / point.elapsedSeconds),
      },
      {
        name: "not successful",
        tone: "alarm",
        dashed: true,
        values: series.map((point) => point.errors / point.elapsedSeconds),
      },
    ],
  };
  const latency: LineData = {
    atSeconds,
    format: formatSeconds,
    lines: [
      { name: "median", tone: "main", values: series.map((point) => point.p50_seconds ?? null) },
      {
        name: "99th percentile",
        tone: "second",
        dashed: true,
        values: series.map((point) => point.p99_seconds ?? null),
      },
    ],
  };
  return (
    <Panel title="Traffic" note={series[0] ? `a point every ${formatSeconds(series[0].seconds)}` : ""}>
      <h3>Requests a second</h3>
      <LineLegend data={requests} />
      <TimePlot data={requests} title="Requests a second over time" height={150} />
      <h3>Latency</h3>
      <LineLegend data={latency} />
      <TimePlot data={latency} title="Latency over time" height={150} />
    </Panel>
  );
}
