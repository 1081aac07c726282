// Evaluations and estimates as tables that a person reads.

import type { Estimation, EstimatedFigure, Evaluation } from "../wire.js";
import type { Bound } from "./judging.js";
import { formatCount, formatNumber, NAME_CELLS, plural, printable, words } from "./format.js";
import type { Palette } from "./palette.js";
import { type LayoutColumn, layOut } from "./table-layout.js";

const CLASS_COLUMNS: readonly LayoutColumn[] = [
  { header: "class", align: "left", most: NAME_CELLS, shrinkTo: 8 },
  { header: "rows", align: "right" },
  { header: "precision", align: "right" },
  { header: "recall", align: "right" },
  { header: "F1", align: "right", leaveOut: 1 },
  { header: "most often taken for", align: "left", leaveOut: 2 },
];

const ESTIMATE_COLUMNS: readonly LayoutColumn[] = [
  { header: "figure", align: "left" },
  { header: "estimated", align: "right" },
  { header: "from", align: "right", leaveOut: 1 },
  { header: "to", align: "right", leaveOut: 1 },
  { header: "reference", align: "right" },
  { header: "realized", align: "right", leaveOut: 2 },
  { header: "verdict", align: "left" },
];

type Figures = [name: string, value: number | null | undefined][];

/** All figures that are single numbers, by their names. */
export function figuresOf({ classification, scores, regression }: Evaluation): Map<string, number> {
  const { macro_average, ...rest } = classification ?? {};
  const all = Object.entries({ ...macro_average, ...rest, ...scores, ...regression });
  const calibration = scores?.calibration?.expected_error;
  if (calibration !== undefined) all.push(["calibration_error", calibration]);
  return new Map(all.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}

/** A doubt where no prediction is one of the classes that the labels have. */
export function strangers({ classification }: Evaluation): string | undefined {
  const { classes, confusion } = classification ?? { classes: [], confusion: [] };
  const meets = classes.some(({ support }, at) => support > 0 && confusion.some((row) => (row[at] ?? 0) > 0));
  if (classes.length === 0 || meets) return undefined;
  const labels = classes.filter(({ support }) => support > 0).slice(0, 3).map(({ class: name }) => JSON.stringify(name));
  return `no prediction is one of the labels (${labels.join(", ")}): are --label and --prediction the right columns?`;
}

/** Which of the bounds are broken, in words. */
export function brokenBounds(evaluation: Evaluation, bounds: readonly Bound[]): { unknown: string[]; broken: string[] } {
  const figures = figuresOf(evaluation);
  const unknown = bounds.filter(({ figure }) => !figures.has(figure)).map(({ figure }) => figure);
  const broken = bounds.flatMap(({ figure, side, bound }) => {
    const value = figures.get(figure);
    if (value === undefined || (side === "below" ? value >= bound : value <= bound)) return [];
    return [`${figure} is ${formatNumber(value)}, ${side} ${formatNumber(bound)}`];
  });
  return { unknown, broken };
}

/** The figures of an evaluation, a table of its classes, and how many rows it is of. */
export function renderEvaluation(evaluation: Evaluation, palette: Palette, width: number): string[] {
  const { classification, scores, regression, rows, left_out_rows } = evaluation;
  const left = left_out_rows > 0 ? ` · ${plural(left_out_rows, "row")} without a value left out` : "";
  const lines: string[] = [];
  if (classification) {
    const [header = "", ...table] = layOut(CLASS_COLUMNS, classRows(classification), width);
    const interval = classification.accuracy_interval;
    const within = interval ? ` (${formatNumber(interval[0])} to ${formatNumber(interval[1])})` : "";
    lines.push(
      `accuracy ${known(classification.accuracy)}${within}`,
      figuresLine([
        ["balanced accuracy", classification.balanced_accuracy],
        ["macro F1", classification.macro_average.f1],
        ["Matthews correlation", classification.matthews_correlation],
        ["Cohen's kappa", classification.cohen_kappa],
      ]),
      "",
      palette.dim(header),
      ...table,
    );
  }
  if (scores) {
    const of = scores.positive === null ? "" : `of ${printable(scores.positive)}: `;
    lines.push(
      "",
      of +
        figuresLine([
          ["ROC AUC", scores.roc_auc],
          ["average precision", scores.average_precision],
          ["log loss", scores.log_loss],
          ["Brier score", scores.brier],
          ["calibration error", scores.calibration?.expected_error],
        ]),
    );
  }
  if (regression) {
    lines.push(
      figuresLine([
        ["mean absolute error", regression.mae],
        ["root mean squared error", regression.rmse],
        ["R²", regression.r2],
      ]),
      figuresLine([
        ["median absolute error", regression.median_absolute_error],
        ["largest error", regression.max_error],
        ["mean error", regression.mean_error],
        ["relative error", regression.mape],
      ]),
    );
  }
  return [...lines, "", palette.dim(plural(rows, "row") + left)];
}

/** Each figure of an estimate with its interval, and what it was. */
export function renderEstimation(estimation: Estimation, palette: Palette, width: number): string[] {
  const { figures, positive, reference_rows, rows, left_out_rows, verdict } = estimation;
  const row = (figure: EstimatedFigure) => ({
    cells: [
      words(figure.name),
      known(figure.estimated),
      known(figure.interval?.[0]),
      known(figure.interval?.[1]),
      known(figure.reference),
      ...(figures.some(({ realized }) => realized !== null) ? [known(figure.realized)] : [""]),
      words(figure.verdict),
    ],
    paint: (text: string, column: number) => (column === 6 ? palette[figure.verdict](text) : text),
  });
  const [header = "", ...table] = layOut(ESTIMATE_COLUMNS, figures.map(row), width);
  const says = {
    drift: "the model is probably no longer as good as on the reference",
    no_drift: "nothing says that the model is not as good as on the reference",
    insufficient_data: "too few rows to say",
  }[verdict];
  const of = positive === null ? "means over the classes" : `of class ${printable(positive)}`;
  const left = left_out_rows > 0 ? ` · ${plural(left_out_rows, "row")} left out` : "";
  return [
    palette.dim(header),
    ...table,
    "",
    palette[verdict](says),
    ...conceptDrift(estimation, palette),
    palette.dim(`${plural(rows, "row")}, ${of} · reference ${plural(reference_rows, "row")}${left}`),
  ];
}

/** That the labels refute the estimate, where they do. */
function conceptDrift({ estimate_check: check }: Estimation, palette: Palette): string[] {
  if (check?.verdict !== "drift") return [];
  const { predictions, estimated, realized } = check;
  return [
    palette.drift(
      `the estimate does not hold: of ${plural(predictions, "labelled row")} ${formatNumber(estimated)} were expected to be right, and ${formatNumber(realized)} were`,
    ),
    "only inputs that move can be estimated, and the relation of inputs and target changed (concept drift)",
  ];
}

function classRows({ classes, confusion }: NonNullable<Evaluation["classification"]>) {
  return classes.map(({ class: name, support, precision, recall, f1 }, actual) => {
    const wrong = (confusion[actual] ?? []).map((count, predicted) => (predicted === actual ? 0 : count));
    const most = Math.max(0, ...wrong);
    const taken = classes[wrong.indexOf(most)]?.class ?? "";
    const mistake = most > 0 ? `${printable(taken)} (${formatCount(most)})` : "";
    return { cells: [printable(name), formatCount(support), known(precision), known(recall), known(f1), mistake] };
  });
}

const known = (value: number | null | undefined) => (value == null ? "–" : formatNumber(value));

const figuresLine = (figures: Figures) =>
  figures.flatMap(([name, value]) => (value == null ? [] : [`${name} ${formatNumber(value)}`])).join(", ");
