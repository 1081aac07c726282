import type { MultivariateReport } from "tidegate";

import { formatPercent, formatPValue, formatScore } from "../lib/format";
import { Scroll } from "../ui/scroll";
import { VerdictBadge } from "../ui/verdict-badge";

const METHOD_TEXT: Readonly<Record<string, string>> = {
  domain_classifier: "Domain classifier",
  pca_reconstruction: "PCA reconstruction error",
  mmd: "Maximum mean discrepancy",
};

/** What each method for whole rows found. */
export function RowsTable({ rows }: { rows: readonly MultivariateReport[] }) {
  return (
    <Scroll>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Effect</th>
            <th scope="col">Adjusted p</th>
            <th scope="col" class="text">
              Columns that tell the tables apart
            </th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ method, test, columns = [], verdict, note }) => (
            <tr key={method}>
              <th scope="row">{METHOD_TEXT[method] ?? method}</th>
              <td>{formatScore(test?.effect)}</td>
              <td>{formatPValue(test?.p_adjusted)}</td>
              <td class="text">
                {columns
                  .slice(0, 3)
                  .map(({ name, share }) => `${name} ${formatPercent(share)}`)
                  .join(", ") ||
                  (note ?? "–")}
              </td>
              <td>
                <VerdictBadge verdict={verdict} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
