/** Columns that say when a row was. */

import type { ColumnReport } from "tidegate";

const TIME = /time|date|^(at|when|ts|day)$|_at$|_ts$/i;
/** Numbers that are seconds since 1970 are larger than this since 1973. */
const LEAST_SECONDS = 1e8;

/** Whether a column can be one of times: its name says so, and its values do not contradict, as those of `air_time` do. */
export function isTime({ name, kind, current, distribution }: ColumnReport): boolean {
  if (!TIME.test(name) || current.missing > 0) return false;
  if (kind === "categorical" || distribution.kind !== "bins") return kind === "categorical";
  return (distribution.edges[0] ?? 0) > LEAST_SECONDS;
}

/** Whether a column drifted as times do: what is current is later than all that the reference has. */
export function movedOn(column: ColumnReport): boolean {
  const { verdict, unseen, current } = column;
  return verdict === "drift" && isTime(column) && unseen.count > current.count / 2;
}
