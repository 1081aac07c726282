import type { ColumnReport } from "tidegate";
import { useId } from "preact/hooks";

import { formatCountShort, formatPValue, formatScore } from "../lib/format";
import { methodText } from "../lib/methods";
import { DistributionSparkline } from "../plots/distribution";
import { EffectBar } from "../ui/effect-bar";
import { Icon } from "../ui/icon";
import { VerdictBadge } from "../ui/verdict-badge";
import { ColumnDetail } from "./column-detail";
import { pOf, unjudgedReason } from "./columns";
import { MissingCell } from "./missing-cell";

interface Props {
  column: ColumnReport;
  isOpen: boolean;
  onToggle: () => void;
}

/** One column in a line, and below it, when it is open, everything about it. */
export function ColumnRow({ column, isOpen, onToggle }: Props) {
  const test = column.tests[0];
  const unseen = column.unseen?.count ?? 0;
  const reason = unjudgedReason(column);
  // Not by the name: one with a space in it would be two ids.
  const detailId = useId();
  return (
    <tbody class={isOpen ? "column column-open" : "column"}>
      <tr class={`row-${column.verdict}`} onClick={onToggle}>
        <th scope="row" class="cell-name">
          <button
            type="button"
            class="row-button"
            aria-expanded={isOpen}
            aria-controls={isOpen ? detailId : undefined}
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
          >
            <Icon name="chevron" size={12} />
            <span class="column-name">{column.name}</span>
          </button>
          <span class="quiet kind">
            {column.kind}
            {reason !== null && `, ${reason}`}
            {reason === null &&
              unseen > 0 &&
              `, ${formatCountShort(unseen)} ${column.kind === "numeric" ? "out of range" : "new"}`}
          </span>
        </th>
        <td class="cell-importance">
          <VerdictBadge verdict={column.verdict} />
        </td>
        <td class="cell-shape">
          <DistributionSparkline name={column.name} distribution={column.distribution} />
        </td>
        <td class="cell-test">{test ? methodText(test.method).short : <span class="quiet">–</span>}</td>
        <td class="cell-effect">
          {test ? (
            <EffectBar value={test.effect} interval={test.interval} verdict={column.verdict} />
          ) : (
            formatScore(null)
          )}
        </td>
        <td class="cell-p_adjusted number">{formatPValue(pOf(column))}</td>
        <td class="cell-missing number">
          <MissingCell column={column} />
        </td>
      </tr>
      {isOpen && (
        <tr class="detail-row">
          <td colSpan={7} id={detailId}>
            <h2 class="visually-hidden">{column.name} in detail</h2>
            <ColumnDetail column={column} />
          </td>
        </tr>
      )}
    </tbody>
  );
}
