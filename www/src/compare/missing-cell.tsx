import type { ColumnReport } from "tidegate";

import { formatPercent } from "../lib/format";
import { missingShares } from "./columns";

/** The missing share, and from where it came if it changed. */
export function MissingCell({ column }: { column: ColumnReport }) {
  const [reference, current] = missingShares(column);
  if (reference === current) return <>{formatPercent(current)}</>;
  return (
    <span class="change">
      <span class="quiet">{formatPercent(reference)}</span> <span aria-hidden="true">→</span>
      <span class="visually-hidden"> to </span> {formatPercent(current)}
    </span>
  );
}
