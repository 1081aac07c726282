import type { ComponentChildren } from "preact";

import { Icon } from "./icon";

/** One clear sentence about something that went wrong; announced to screen readers. */
export function ErrorMessage({ children }: { children: ComponentChildren }) {
  return (
    <p class="message message-error" role="alert">
      <Icon name="warning" />
      <span>{children}</span>
    </p>
  );
}
