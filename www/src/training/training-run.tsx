import type { Finding, LoggedRun, TrainingSnapshot } from "tidegate";

import { formatCount, formatNumber, formatPercent, formatPlural } from "../lib/format";
import type { Curve, XyData } from "../plots/xy-chart";
import { XyPlot } from "../plots/xy-plot";
import { Icon } from "../ui/icon";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";

export const FINDING_TEXT: Record<Finding["kind"], string> = {
  not_finite: "A loss that is no number",
  divergence: "Divergence",
  plateau: "A plateau",
  overfitting: "Overfitting",
  exploding_gradients: "Exploding gradients",
  vanishing_gradients: "Vanishing gradients",
  data_bottleneck: "Waiting for data",
  straggling_rank: "A straggling rank",
};

/** A run: what is wrong with it, its losses by epoch, and what is known of it last. */
export function TrainingRun({ run }: { run: LoggedRun }) {
  const data = lossData(run);
  const accuracy = accuracyData(run);
  return (
    <section class="results" aria-label={`Training run ${run.job_id}`}>
      {run.damaged.map((sentence) => (
        <ErrorMessage key={sentence}>{sentence}; shown is what came before.</ErrorMessage>
      ))}
      <Findings findings={run.findings} />
      <div class="panels">
        {data && (
          <Panel title="Loss" note={formatPlural(run.epochs.length, "epoch")}>
            <XyPlot title="Loss by epoch" data={data} />
          </Panel>
        )}
        {accuracy && (
          <Panel title="Accuracy">
            <XyPlot title="Accuracy by epoch" data={accuracy} />
          </Panel>
        )}
        <LastKnown run={run} />
      </div>
    </section>
  );
}

/** What is wrong, with the numbers that show it. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) {
    return (
      <p class="all-read">
        <Icon name="no_drift" /> Nothing is wrong that the log shows.
      </p>
    );
  }
  return (
    <ul class="findings" aria-label="Findings">
      {findings.map(({ kind, evidence }) => (
        <li key={kind + evidence} class="message message-error">
          <Icon name="warning" />
          <span>
            <strong>{FINDING_TEXT[kind]}:</strong> {evidence}.
          </span>
        </li>
      ))}
    </ul>
  );
}

function LastKnown({ run }: { run: TrainingSnapshot }) {
  const known: [string, string][] = [
    ["Step", run.step === null ? "–" : formatCount(run.step)],
    ["Loss", formatNumber(run.loss)],
    ["Gradient norm", formatNumber(run.grad_norm)],
    ["Learning rate", formatNumber(run.learning_rate)],
    ["Samples a second", formatNumber(run.throughput_samples_per_second)],
    ["Time spent waiting for data", formatPercent(run.data_wait_share)],
  ];
  const rows = known.filter(([, value]) => value !== "–");
  if (rows.length === 0) return null;
  return (
    <Panel title="Last known">
      <Scroll>
        <table class="figures">
          <tbody>
            {rows.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

type Epoch = TrainingSnapshot["epochs"][number];

function curve(
  run: TrainingSnapshot,
  name: string,
  of: (epoch: Epoch) => number | null,
  isSecond: boolean,
): Curve[] {
  const points = run.epochs.flatMap((epoch) => {
    const value = of(epoch);
    return value === null || !Number.isFinite(value) ? [] : [[epoch.epoch, value] as const];
  });
  if (points.length === 0) return [];
  return [{ name, points, tone: isSecond ? "alarm" : "main", dashed: isSecond, dotted: points.length === 1 }];
}

/** Losses by epoch, with the epoch of a finding marked; `null` without a loss. */
export function lossData(run: TrainingSnapshot): XyData | null {
  const curves = [
    ...curve(run, "Training", ({ loss }) => loss, false),
    ...curve(run, "Validation", ({ validation_loss: loss }) => loss, true),
  ];
  const marked = run.findings.find(({ epoch }) => epoch !== null);
  return chart(curves, "loss", (value) => formatNumber(value, 3), [
    marked?.epoch == null ? null : { x: marked.epoch, label: FINDING_TEXT[marked.kind].toLowerCase() },
  ]);
}

function accuracyData(run: TrainingSnapshot): XyData | null {
  const curves = [
    ...curve(run, "Training", ({ accuracy }) => accuracy, false),
    ...curve(run, "Validation", ({ validation_accuracy: accuracy }) => accuracy, true),
  ];
  return chart(curves, "accuracy", formatPercent, [null]);
}

function chart(
  curves: Curve[],
  label: string,
  format: (value: number) => string,
  [mark]: readonly (XyData["mark"] | null)[],
): XyData | null {
  const points = curves.flatMap((one) => [...one.points]);
  if (points.length === 0) return null;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [low, high] = [Math.min(0, ...ys), Math.max(...ys)];
  return {
    curves,
    x: { label: "epoch", domain: [Math.min(...xs), Math.max(...xs)], format: (value) => formatNumber(value) },
    y: { label, domain: [low, high === low ? low + 1 : high], format },
    ...(mark && { mark }),
  };
}
