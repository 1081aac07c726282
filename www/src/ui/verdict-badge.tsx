import type { Verdict } from "tidegate";

import { VERDICT_TEXT } from "../lib/methods";
import { Icon } from "./icon";

/** A verdict by shape, word and colour: none of them alone. */
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  return (
    <span class={`badge badge-${verdict}`}>
      <Icon name={verdict} size={12} />
      {VERDICT_TEXT[verdict]}
    </span>
  );
}
