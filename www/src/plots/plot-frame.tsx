import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import type { Hit, Reading } from "./types";

interface Props {
  /** What is plotted, for people who hear the page. */
  label: string;
  hits: readonly Hit[];
  read: (index: number) => Reading;
  /** Draws the plot with the datum that is pointed at. */
  children: (active: number | null) => ComponentChildren;
}

/** A plot that can be read datum by datum: by pointing at it, or with the arrow keys. */
export function PlotFrame({ label, hits, read, children }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number | null>(null);
  const shown = active !== null && active < hits.length ? active : null;

  const point = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined) return;
    const index = hitAt(hits, event.clientX - box.left, event.clientY - box.top);
    setActive(index);
  };
  const press = (event: KeyboardEvent) => {
    const next = nextIndex(event.key, shown, hits.length);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
  };

  return (
    <div
      ref={frame}
      class="plot-frame"
      role="group"
      aria-label={`${label}. Arrow keys read the values.`}
      tabIndex={0}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => setActive(null)}
      onBlur={() => setActive(null)}
      onKeyDown={press}
    >
      {children(shown)}
      <div role="status" class="tooltip-place">
        {shown !== null && (
          <Tooltip hit={hits[shown]} reading={read(shown)} width={frame.current?.clientWidth ?? 0} />
        )}
      </div>
    </div>
  );
}

function Tooltip({ hit, reading, width }: { hit: Hit | undefined; reading: Reading; width: number }) {
  if (hit === undefined) return null;
  const wide = hit.width > width * 0.8;
  const middle = wide ? width * 0.7 : hit.x + hit.width / 2;
  const side = middle > width / 2 ? "before" : "after";
  const style = { left: `${middle}px`, top: `${wide ? hit.y + hit.height / 2 : hit.y}px` };
  return (
    <div class={`tooltip tooltip-${side}`} style={style}>
      <strong>{reading.heading}</strong>
      <dl>
        {reading.rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The datum at a point of the plot; `null` beside all of them. */
export function hitAt(hits: readonly Hit[], x: number, y: number): number | null {
  const index = hits.findIndex(
    (hit) => x >= hit.x && x < hit.x + hit.width && y >= hit.y && y < hit.y + hit.height,
  );
  return index < 0 ? null : index;
}

/** Where a key moves to: `undefined` for keys that do not move, `null` for leaving the data. */
export function nextIndex(key: string, index: number | null, count: number): number | null | undefined {
  if (count === 0) return undefined;
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return index === null ? 0 : Math.min(index + 1, count - 1);
    case "ArrowLeft":
    case "ArrowUp":
      return index === null ? count - 1 : Math.max(index - 1, 0);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    case "Escape":
      return null;
    default:
      return undefined;
  }
}
