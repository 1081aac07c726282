import type { ColumnReport } from "tidegate";

import { formatCount } from "../lib/format";
import { DistributionPlot, DistributionTable } from "../plots/distribution";
import { alikeSentence, unseenSentence } from "./columns";
import { Signals } from "./signals";
import { Statistics } from "./statistics";
import { TestCard } from "./test-card";

/** Everything about one column: both distributions, what every test found, and the numbers behind the plot. */
export function ColumnDetail({ column }: { column: ColumnReport }) {
  const {
    name,
    reference,
    current,
    distribution,
    tests,
    note,
    missing_test: missingTest,
    signals = [],
  } = column;
  const unseen = unseenSentence(column);
  const alike = alikeSentence(column);
  return (
    <div class="detail">
      <div class="detail-plot">
        <DistributionPlot name={name} distribution={distribution} />
        <p class="quiet counts">
          Reference {formatCount(reference.count)} values, {formatCount(reference.missing)} missing. Current{" "}
          {formatCount(current.count)} values, {formatCount(current.missing)} missing.
        </p>
        <Statistics name={name} />
        <details>
          <summary>The numbers behind the plot</summary>
          <DistributionTable name={name} distribution={distribution} />
        </details>
      </div>
      <div class="detail-tests">
        {note && <p class="message">{note}</p>}
        {unseen && <p class="message">{unseen}</p>}
        {alike && <p class="message">{alike}</p>}
        <Signals signals={signals} />
        {tests.map((test, i) => (
          <TestCard key={test.method} test={test} isDeciding={i === 0} />
        ))}
        {missingTest && <TestCard test={missingTest} isDeciding={false} title="Missing values, chi-square" />}
      </div>
    </div>
  );
}
