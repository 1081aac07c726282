import type { ComponentChildren } from "preact";

import { Icon } from "./icon";

/** One thing that is wrong, in a sentence. */
export function WarningLine({ children }: { children: ComponentChildren }) {
  return (
    <p class="warning-line">
      <Icon name="warning" size={14} />
      <span>{children}</span>
    </p>
  );
}
