import type { ModelSnapshot, ReferenceStatus } from "tidegate";

import { formatCount, formatPercent, formatPlural, formatRate, formatSeconds } from "../lib/format";
import { Tile } from "../ui/tile";
import { newestPoint, requestTotals, STATUS_TEXT } from "./figures";

/** What one wants to know at a glance. */
export function Tiles({ model, rate }: { model: ModelSnapshot; rate: number | null }) {
  const totals = requestTotals(model);
  const newest = newestPoint(model);
  const statuses = [...totals.byStatus].filter(([status, count]) => status !== "success" && count > 0);
  return (
    <dl class="tiles">
      <Tile name="Requests" value={formatCount(totals.requests)}>
        {rate === null ? "since the first one" : `${formatRate(rate)} now`}
      </Tile>
      <Tile
        name="Did not succeed"
        value={formatPercent(totals.errorShare)}
        isAlarming={(totals.errorShare ?? 0) > 0.01}
      >
        {statuses.length === 0
          ? "every request succeeded"
          : statuses.map(([status, count]) => `${formatCount(count)} ${STATUS_TEXT[status]}`).join(", ")}
      </Tile>
      <Tile name="Latency, median" value={formatSeconds(newest?.p50_seconds ?? null)}>
        99% within {formatSeconds(newest?.p99_seconds ?? null)}
      </Tile>
      <DriftTile model={model} />
      <ReferenceTile reference={model.reference} rows={model.window.rows} />
    </dl>
  );
}

function DriftTile({ model }: { model: ModelSnapshot }) {
  const features = model.columns.filter((column) => column.role === "feature");
  const judged = features.filter((column) => column.verdict !== "insufficient_data");
  const drifted = judged.filter((column) => column.verdict === "drift");
  if (judged.length === 0) {
    return (
      <Tile name="Drift" value="–">
        {model.reference.state === "ready" ? "too few rows to judge yet" : "no reference yet"}
      </Tile>
    );
  }
  return (
    <Tile name="Drift" value={`${drifted.length} of ${judged.length}`} isAlarming={drifted.length > 0}>
      {drifted.length === 0 ? "features, all stable" : `features drifted`}
    </Tile>
  );
}

function ReferenceTile({ reference, rows }: { reference: ReferenceStatus; rows: number }) {
  switch (reference.state) {
    case "none":
      return (
        <Tile name="Reference" value="none">
          set reference in the plugin's config to see drift
        </Tile>
      );
    case "learning":
      return (
        <Tile name="Reference" value="learning">
          <progress max={reference.wanted} value={reference.rows} aria-label="Rows learnt" />
          {formatCount(reference.rows)} of {formatPlural(reference.wanted, "row")}
        </Tile>
      );
    case "ready":
      return (
        <Tile name="Reference" value="ready">
          {formatPlural(reference.rows, "row")}, against {formatCount(rows)} now
        </Tile>
      );
  }
}
