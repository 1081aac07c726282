import type { EstimateCheck } from "tidegate";

import { formatPercent, formatPlural } from "../lib/format";
import { WarningLine } from "../ui/warning-line";

/** That an estimate is not to be believed, where the labels of the same rows say something else; else nothing. */
export function ConceptWarning({
  check,
  of,
  who = "",
}: {
  check: EstimateCheck | null | undefined;
  of: "row" | "prediction";
  who?: string;
}) {
  if (check?.verdict !== "drift") return null;
  const {
    predictions,
    estimated,
    realized,
    realized_interval: realizedIn,
    estimated_interval: within,
  } = check;
  const reach = ([low, high]: readonly [number, number]) => `${formatPercent(low)} to ${formatPercent(high)}`;
  return (
    <WarningLine isBox>
      {who}
      <strong>The estimate does not hold.</strong> Of {formatPlural(predictions, `labelled ${of}`)}{" "}
      {formatPercent(estimated)} were expected to be right ({reach(within)}), and {formatPercent(realized)}{" "}
      were ({reach(realizedIn)}). An estimate assumes that only the inputs moved; the labels disagree, so the
      relation of inputs and target changed (concept drift). Go by the labels, and calibrate or train the
      model anew on recent ones.
    </WarningLine>
  );
}
