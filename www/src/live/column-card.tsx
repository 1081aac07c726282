import type { ColumnSnapshot, ModelSnapshot } from "tidegate";

import { SIGNAL_TEXT } from "../compare/signals";
import { formatNumber, formatPercent, formatScore } from "../lib/format";
import { methodText } from "../lib/methods";
import { DistributionSparkline } from "../plots/distribution";
import { VerdictBadge } from "../ui/verdict-badge";
import { psiOf, signalsOf } from "./figures";
import { PsiPlot } from "./psi-plot";

interface Props {
  model: ModelSnapshot;
  column: ColumnSnapshot;
  onOpen: () => void;
}

/** One column: its verdict, its score against the bound, over time, and its distributions. */
export function ColumnCard({ model, column, onOpen }: Props) {
  const psi = psiOf(column);
  const deciding = column.tests[0];
  const signals = signalsOf(column);
  return (
    <li class={`card card-${column.verdict}`}>
      <header>
        <h3>
          <button type="button" class="card-button" aria-haspopup="dialog" onClick={onOpen}>
            {column.name}
          </button>
          {column.role !== "feature" && column.role !== column.name && <span class="tag">{column.role}</span>}
        </h3>
        <VerdictBadge verdict={column.verdict} />
      </header>
      <div class="card-score">
        <p>
          <span class="number">{formatScore(psi?.effect ?? null)}</span>
          <span class="quiet">PSI{psi && `, bound ${formatNumber(psi.threshold)}`}</span>
          {(column.null_rate ?? 0) > 0 && !signals.some(({ signal }) => signal === "missing") && (
            <span class="quiet">{formatPercent(column.null_rate)} missing</span>
          )}
          {signals.map(({ signal, share }) => (
            <span key={signal} class="card-signal">
              {SIGNAL_TEXT[signal] ?? signal}: {formatPercent(share)}
            </span>
          ))}
          {psi && deciding && psi.verdict !== column.verdict && (
            <span class="quiet">{methodText(deciding.method).short} decides</span>
          )}
        </p>
        <DistributionSparkline name={column.name} distribution={column.distribution} width={104} />
      </div>
      <PsiPlot model={model} column={column} height={56} compact />
    </li>
  );
}
