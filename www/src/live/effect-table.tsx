import type { Effect, ExperimentSnapshot, Guardrail } from "tidegate";

import { formatCount, formatPercent, formatPlural, formatPValue } from "../lib/format";
import { IntervalPlot } from "../plots/interval-plot";
import { Scroll } from "../ui/scroll";
import { WarningLine } from "../ui/warning-line";

const GUARD_TEXT: Record<Guardrail["verdict"], string> = {
  harmed: "worse",
  safe: "no worse",
  undecided: "not known yet",
};

/** What conversions say of each variant against the control, valid at every look. */
export function EffectTable({ experiment }: { experiment: ExperimentSnapshot }) {
  const others = experiment.variants.filter(({ effect }) => effect?.rate_always_valid);
  const converting = experiment.variants.filter(({ units = 0 }) => units > 0);
  const ratio = experiment.sample_ratio_p_value ?? null;
  return (
    <>
      {ratio !== null && ratio < 0.001 && (
        <WarningLine>
          Units are not split as planned (p {formatPValue(ratio)}): believe nothing else here.
        </WarningLine>
      )}
      {others.length > 0 && (
        <IntervalPlot
          title={`Difference of the conversion rates of ${experiment.name}`}
          data={{
            rows: others.map(({ name, effect }) => ({
              name,
              value: effect!.rate_always_valid!.comparison.difference.value,
              interval: effect!.rate_always_valid!.comparison.difference.interval,
              tone: effect!.rate_always_valid!.comparison.p_value < 0.05 ? "main" : "second",
            })),
            format: (value) => (value < 0 ? `−${formatPercent(-value)}` : formatPercent(value)),
            line: 0,
          }}
        />
      )}
      {converting.length > 0 && (
        <Scroll>
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">Variant</th>
                <th scope="col">Units</th>
                <th scope="col">Converted</th>
                <th scope="col">p at any look</th>
                <th scope="col">Chance to win</th>
              </tr>
            </thead>
            <tbody>
              {converting.map(({ name, units, conversion_rate: rate, effect }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{formatCount(units)}</td>
                  <td>{formatPercent(rate)}</td>
                  <td>{formatPValue(effect?.rate_always_valid?.comparison.p_value)}</td>
                  <td>{formatPercent(effect?.rate_posterior?.chance_to_win)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {experiment.variants.map(
        ({ name, effect }) => effect && <Guards key={name} name={name} effect={effect} />,
      )}
      {(experiment.mixed_units ?? 0) > 0 && (
        <p class="quiet note">
          {formatPlural(experiment.mixed_units, "unit")} got two variants, and count for none.
        </p>
      )}
    </>
  );
}

function Guards({ name, effect: { latency, errors, business = [] } }: { name: string; effect: Effect }) {
  const parts = [
    latency && `latency is ${GUARD_TEXT[latency.verdict]}`,
    errors && `errors are ${GUARD_TEXT[errors.verdict]}`,
    ...business.map(({ metric, guardrail }) => guardrail && `${metric} is ${GUARD_TEXT[guardrail.verdict]}`),
  ].filter(Boolean);
  if (parts.length === 0) return null;
  const guards = [latency, errors, ...business.map(({ guardrail }) => guardrail)];
  const isHarmed = guards.some((guard) => guard?.verdict === "harmed");
  const text = `${name}: ${parts.join(", ")}.`;
  return isHarmed ? <WarningLine>{text}</WarningLine> : <p class="quiet note">{text}</p>;
}
