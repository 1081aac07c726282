import type { ExperimentPlan } from "../analysis/protocol";
import { formatCount, formatCountShort, formatNumber, formatPercent, formatPlural } from "../lib/format";
import type { XyData } from "../plots/xy-chart";
import { XyPlot } from "../plots/xy-plot";
import { Tile } from "../ui/tile";
import { liftOf, type PlanForm } from "./plan";

/** The size that is needed, and what smaller and larger experiments could find. */
export function PlanResult({ form, plan }: { form: PlanForm; plan: ExperimentPlan }) {
  const { reference, current } = plan.design.counts;
  const units = reference + current;
  return (
    <div class="results" role="group" aria-label="The size that it needs">
      <dl class="tiles">
        <Tile name="Units in all" value={formatCount(units)} />
        <Tile name="Control" value={formatCount(reference)}>
          {outcomeOf(form, 0)}
        </Tile>
        <Tile name="Treatment" value={formatCount(current)}>
          {outcomeOf(form, form.liftPercent / 100)}
        </Tile>
        {form.unitsADay > 0 && (
          <Tile name="It takes" value={formatPlural(Math.ceil(units / form.unitsADay), "day")}>
            at {formatPlural(form.unitsADay, "unit")} a day
          </Tile>
        )}
      </dl>
      <p>{sentence(form)}</p>
      <div class="panels">
        <div class="plan-plot">
          <h3>Chance to find a lift of {formatLift(form.liftPercent / 100)}</h3>
          <XyPlot title="Power by units" data={powerData(plan, units)} height={230} />
        </div>
        <div class="plan-plot">
          <h3>Smallest lift that is found, {form.powerPercent} times in 100</h3>
          <XyPlot title="Smallest lift by units" data={smallestData(form, plan, units)} height={230} />
        </div>
      </div>
    </div>
  );
}

const formatLift = (lift: number): string =>
  lift < 0 ? `−${formatPercent(-lift)}` : `+${formatPercent(lift)}`;

/** What a side's outcome is if its lift is this one. */
function outcomeOf({ outcome, ratePercent, mean }: PlanForm, lift: number): string {
  return outcome === "rate"
    ? `a rate of ${formatPercent((ratePercent / 100) * (1 + lift))}`
    : `a mean of ${formatNumber(mean * (1 + lift))}`;
}

function sentence(form: PlanForm): string {
  const lift = formatLift(form.liftPercent / 100);
  const look =
    form.looks === "once"
      ? "if it is judged once, when all units are in; who stops at the first good look has more false alarms"
      : "however often it is looked at, which needs more units than one look at the end";
  return (
    `If the treatment's lift is ${lift}, an experiment of this size finds it ${formatNumber(form.powerPercent)} times in 100. ` +
    `If there is none, it calls one ${formatNumber(form.alphaPercent)} times in 100, ${look}.`
  );
}

function powerData({ power }: ExperimentPlan, units: number): XyData {
  return {
    curves: [{ name: "power", points: power, tone: "main" }],
    x: unitsAxis(power),
    y: { label: "power", domain: [0, 1], format: formatPercent },
    mark: { x: units, label: formatCount(units) },
  };
}

function smallestData(form: PlanForm, { smallest }: ExperimentPlan, units: number): XyData {
  const points = smallest.map(([units, effect]) => [units, liftOf(form, effect)] as const);
  const atNeed = Math.abs(form.liftPercent / 100);
  // The few units of the curve's left end find nothing but wonders: they would flatten the rest.
  const shown = points.filter(([, lift]) => lift <= 4 * atNeed);
  return {
    curves: [{ name: "smallest lift", points: shown, tone: "main" }],
    x: unitsAxis(shown),
    y: {
      label: "lift",
      domain: [0, Math.max(atNeed, ...shown.map(([, lift]) => lift))],
      format: formatPercent,
    },
    mark: { x: units, label: formatCount(units) },
  };
}

function unitsAxis(points: readonly (readonly [number, number])[]): XyData["x"] {
  return {
    label: "units in all",
    domain: [0, points.at(-1)?.[0] ?? 1],
    format: (units) => (units < 1e4 ? formatCount(units) : formatCountShort(units)),
  };
}
