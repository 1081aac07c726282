import { useState } from "preact/hooks";

import { numbered, useAnswer } from "../analysis/use-answer";
import { formatPercent, formatPValue, formatScore } from "../lib/format";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";
import { VerdictBadge } from "../ui/verdict-badge";
import type { ChosenOptions } from "./settings";

const METHOD_TEXT: Readonly<Record<string, string>> = {
  domain_classifier: "Domain classifier",
  pca_reconstruction: "PCA reconstruction error",
  mmd: "Maximum mean discrepancy",
};

/** Whole rows against whole rows, when asked for: a change that no column shows by itself. */
export function RowsPanel({
  reference,
  current,
  options,
}: {
  reference: File;
  current: File;
  options: ChosenOptions;
}) {
  const [isAsked, setAsked] = useState(false);
  const rows = useAnswer<"rows">(
    isAsked
      ? { about: "rows", files: { reference: numbered(reference), current: numbered(current) }, options }
      : null,
  );
  return (
    <Panel title="Whole rows" note="what no column shows by itself" isWide>
      {!isAsked && (
        <button type="button" class="button" onClick={() => setAsked(true)}>
          Compare whole rows too
        </button>
      )}
      {rows.isBusy && <p role="status">Comparing whole rows…</p>}
      {rows.error !== null && <ErrorMessage>{rows.error}</ErrorMessage>}
      {rows.answer && (
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
              {rows.answer.map(({ method, test, columns = [], verdict, note }) => (
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
      )}
    </Panel>
  );
}
