import type { ClassEvaluation } from "tidegate";

import { formatCount, formatPercent, formatScore } from "../lib/format";
import { Panel } from "../ui/panel";
import { Scroll } from "../ui/scroll";

/** Precision and recall by class. */
export function ClassTable({ classes }: { classes: readonly ClassEvaluation[] }) {
  return (
    <Panel title="By class">
      <Scroll>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Rows</th>
              <th scope="col">Predicted</th>
              <th scope="col">Precision</th>
              <th scope="col">Recall</th>
              <th scope="col">F1</th>
            </tr>
          </thead>
          <tbody>
            {classes.map((one) => (
              <tr key={one.class}>
                <th scope="row">{one.class}</th>
                <td>{formatCount(one.support)}</td>
                <td>{formatCount(one.predicted)}</td>
                <td>{formatPercent(one.precision)}</td>
                <td>{formatPercent(one.recall)}</td>
                <td>{formatScore(one.f1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
