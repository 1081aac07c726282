// Snapshots of many gateways as one.

import { locate, TidegateError } from "./error.js";
import type { Snapshot } from "./wire.js";
import { core } from "./wasm.js";

/**
 * The snapshot that one gateway would show, had it had the traffic of all: counts, sums, quantiles and tests are
 * those of all events. Each must be mergeable: `observatory.snapshot({ mergeable: true })`, or
 * `v1/snapshot?mergeable=true` of a gateway of the same version of Tidegate. So is the result.
 *
 * @throws TidegateError if a snapshot is not mergeable, or of another version.
 */
export async function mergeSnapshots(...snapshots: [Snapshot, ...Snapshot[]]): Promise<Snapshot> {
  for (const [index, snapshot] of snapshots.entries()) {
    if (!isSnapshot(snapshot)) {
      throw new TidegateError(
        "NotSnapshots",
        `snapshots[${index}] is no snapshot, such as observatory.snapshot({ mergeable: true }) gives: of a list, pass mergeSnapshots(...list)`,
      );
    }
  }
  const bindings = await core();
  return JSON.parse(locate(undefined, () => bindings.mergeSnapshots(JSON.stringify(snapshots))));
}

const isSnapshot = (value: unknown): boolean => typeof value === "object" && value !== null && "schema" in value;
