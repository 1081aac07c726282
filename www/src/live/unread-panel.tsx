import type { DroppedCount, UnreadCount } from "tidegate";

import { formatCount } from "../lib/format";
import { Icon } from "../ui/icon";
import { Panel } from "../ui/panel";

/** What was not read or not kept, and why: nothing is left out in silence. */
export function UnreadPanel({
  unread,
  dropped,
}: {
  unread: readonly UnreadCount[];
  dropped: readonly DroppedCount[];
}) {
  const rows = [
    ...unread.map(({ side, reason, count }) => ({ what: `${side} bodies`, why: spaced(reason), count })),
    ...dropped.map(({ bound, count }) => ({ what: "over a bound", why: spaced(bound), count })),
  ].filter((row) => row.count > 0);
  return (
    <Panel title="Not read">
      {rows.length === 0 ? (
        <p class="all-read">
          <Icon name="no_drift" /> Every body was read, and no bound was reached.
        </p>
      ) : (
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col" class="text">
                Why
              </th>
              <th scope="col">Count</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ what, why, count }) => (
              <tr key={`${what} ${why}`}>
                <th scope="row">{what}</th>
                <td class="text">{why}</td>
                <td>{formatCount(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function spaced(name: string): string {
  return name.replaceAll("_", " ");
}
