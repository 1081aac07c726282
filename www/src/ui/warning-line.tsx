import type { ComponentChildren } from "preact";

import { Icon } from "./icon";

/** One thing that is wrong, in a sentence. */
export function WarningLine({ isBox = false, children }: { isBox?: boolean; children: ComponentChildren }) {
  return (
    <p class={isBox ? "warning-line warning-box" : "warning-line"}>
      <Icon name="warning" size={14} />
      <span>{children}</span>
    </p>
  );
}
