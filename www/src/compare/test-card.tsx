import type { TestReport } from "tidegate";

import { formatInterval, formatNumber, formatPValue, formatScore } from "../lib/format";
import { methodText, verdictSentence } from "../lib/methods";
import { VerdictBadge } from "../ui/verdict-badge";

interface Props {
  test: TestReport;
  isDeciding: boolean;
  /** What it was made on, where that is not the values. */
  title?: string;
}

/** One test: what it measures, what it found, and how it came to its verdict. */
export function TestCard({ test, isDeciding, title }: Props) {
  const text = methodText(test.method);
  const facts: [string, string][] = [[`Effect (${text.effect})`, formatScore(test.effect)]];
  if (test.interval) facts.push(["95% interval", formatInterval(test.interval)]);
  if (test.statistic !== test.effect) facts.push(["Statistic", formatNumber(test.statistic)]);
  if (test.p_value != null) facts.push(["p", formatPValue(test.p_value)]);
  if (test.p_adjusted != null) facts.push(["Adjusted p", formatPValue(test.p_adjusted)]);
  if (test.detectable_effect)
    facts.push(["Smallest effect told from chance", formatScore(test.detectable_effect)]);
  if (test.effect_floor) facts.push(["Smallest effect that matters", formatScore(test.effect_floor)]);
  facts.push([test.p_value == null ? "Bound" : "Bound on p", formatNumber(test.threshold)]);
  return (
    <article class="test">
      <header>
        <h3>
          {title ?? text.name}
          {isDeciding && <span class="tag">decides</span>}
        </h3>
        <VerdictBadge verdict={test.verdict} />
      </header>
      <p>
        {text.measures} {text.reads(test.effect)} {verdictSentence(test)}
      </p>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
}
