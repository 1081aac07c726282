import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** What may be wider than its place: where it is, the arrow keys move it too. */
export function Scroll({ children }: { children: ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null);
  const [isWider, setWider] = useState(false);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWider(current.scrollWidth > current.clientWidth + 1));
    observer.observe(current);
    for (const child of current.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
  const reachable = isWider
    ? { tabIndex: 0, role: "group" as const, "aria-label": "Table, wider than the screen" }
    : {};
  return (
    <div ref={place} class="scroll" {...reachable}>
      {children}
    </div>
  );
}
