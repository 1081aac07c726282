import type { ComponentChildren } from "preact";

import { Icon } from "./icon";

interface Props {
  name: string;
  value: ComponentChildren;
  isAlarming?: boolean;
  children?: ComponentChildren;
}

/** One figure, large, with a few words below it; of a list of class `tiles`. */
export function Tile({ name, value, isAlarming = false, children }: Props) {
  return (
    <div class={isAlarming ? "tile tile-alarming" : "tile"}>
      <dt>{name}</dt>
      <dd class="tile-value number">
        {isAlarming && <Icon name="warning" size={18} />}
        {value}
      </dd>
      {children && <dd class="tile-note">{children}</dd>}
    </div>
  );
}
