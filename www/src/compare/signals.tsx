import type { SignalReport } from "tidegate";

import { formatPercent } from "../lib/format";
import { Scroll } from "../ui/scroll";
import { VerdictBadge } from "../ui/verdict-badge";

export const SIGNAL_TEXT: Record<SignalReport["signal"], string> = {
  missing: "Missing values",
  new_categories: "New categories",
  vanished_categories: "Vanished categories",
  out_of_range: "Values out of range",
};

/** What is no change of shape, and matters all the same. */
export function Signals({ signals }: { signals: readonly SignalReport[] }) {
  if (signals.length === 0) return null;
  return (
    <Scroll>
      <table class="figures signals">
        <thead>
          <tr>
            <th scope="col">Signal</th>
            <th scope="col">Expected</th>
            <th scope="col">Found</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {signals.map(({ signal, expected_share: expected, share, verdict }) => (
            <tr key={signal}>
              <th scope="row">{SIGNAL_TEXT[signal] ?? signal}</th>
              <td>{formatPercent(expected)}</td>
              <td>{formatPercent(share)}</td>
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
