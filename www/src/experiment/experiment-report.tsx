import type { ExperimentReport, VariantReport } from "tidegate";

import { formatCount, formatNumber, formatPercent, formatPlural, formatPValue } from "../lib/format";
import { IntervalPlot } from "../plots/interval-plot";
import type { IntervalRow } from "../plots/intervals";
import { Icon } from "../ui/icon";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";

/** Each variant against the control, and what can be said of it at any look. */
export function ExperimentReportView({ report }: { report: ExperimentReport }) {
  const { variants, control, sample_ratio: split, left_out_rows: leftOut } = report;
  const isRate = report.outcome === "rate";
  const format = isRate ? formatPercent : (value: number | null) => formatNumber(value);
  const others = variants.filter(({ effect }) => effect !== null);
  const isAdjusted = others.some(({ effect }) => effect?.adjusted);
  const rows = others.flatMap((variant) => rowsOf(variant));
  return (
    <section class="results" aria-label="Experiment">
      {split?.fixed.verdict === "mismatch" && (
        <p class="message message-error" role="alert">
          <Icon name="warning" />
          <span>Units were not split as planned: believe nothing else here.</span>
        </p>
      )}
      <ul class="verdicts">
        {others.map((variant) => (
          <li key={variant.name}>
            <strong>{variant.name}</strong> {sentence(variant, control, isRate)}
          </li>
        ))}
      </ul>
      <Panel title={isRate ? "Rates" : "Means"} note={`against ${control}`} isWide>
        {rows.length > 0 && (
          <IntervalPlot title="Differences to the control" data={{ rows, format: signed(format), line: 0 }} />
        )}
        <Scroll>
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">Variant</th>
                <th scope="col">Units</th>
                <th scope="col">{isRate ? "Rate" : "Mean"}</th>
                <th scope="col">Lift</th>
                <th scope="col">p at the end</th>
                <th scope="col">p at any look</th>
                <th scope="col">Chance to win</th>
              </tr>
            </thead>
            <tbody>
              {variants.map((variant) => (
                <VariantRow key={variant.name} variant={variant} format={format} />
              ))}
            </tbody>
          </table>
        </Scroll>
        <p class="quiet note">
          The {formatPercent(1 - report.alpha)} intervals and the p at the end are for an experiment whose
          length was set before. The verdict rests on the p at any look, the chance of such a difference if
          there is none, which is valid however often one looks
          {isAdjusted && "; both are of the difference that is left after the covariate"}.
          {leftOut > 0 && ` ${formatPlural(leftOut, "row")} without a value left out.`}
        </p>
      </Panel>
    </section>
  );
}

function VariantRow({
  variant,
  format,
}: {
  variant: VariantReport;
  format: (value: number | null) => string;
}) {
  const { name, count, mean, effect } = variant;
  const lift = effect?.fixed?.lift;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{formatCount(count)}</td>
      <td>{format(mean)}</td>
      <td>{lift ? signed(formatPercent)(lift.value) : "–"}</td>
      <td>{effect ? formatPValue((effect.adjusted?.fixed ?? effect.fixed)?.p_value) : "–"}</td>
      <td>{effect ? formatPValue(effect.p_adjusted) : "–"}</td>
      <td>{effect && !effect.adjusted ? formatPercent(effect.posterior?.chance_to_win) : "–"}</td>
    </tr>
  );
}

const signed = (format: (value: number) => string) => (value: number) =>
  value < 0 ? `−${format(-value)}` : value > 0 ? `+${format(value)}` : format(0);

function sentence({ effect }: VariantReport, control: string, isRate: boolean): string {
  const what = isRate ? "rate" : "mean";
  const note = effect?.note ? ` (${effect.note})` : "";
  switch (effect?.verdict) {
    case "larger":
      return `has the larger ${what} than ${control}${note}.`;
    case "smaller":
      return `has the smaller ${what} than ${control}${note}.`;
    default:
      return `cannot be told from ${control} yet${note}.`;
  }
}

function rowsOf({ name, effect }: VariantReport): IntervalRow[] {
  if (!effect?.fixed) return [];
  const { fixed, adjusted, verdict } = effect;
  const tone = verdict === "undecided" ? "second" : "main";
  const row: IntervalRow = {
    name,
    value: fixed.difference.value,
    interval: fixed.difference.interval,
    tone: adjusted ? "second" : tone,
  };
  if (!adjusted) return [row];
  const { difference } = adjusted.fixed;
  return [row, { name: `${name}, adjusted`, value: difference.value, interval: difference.interval, tone }];
}
