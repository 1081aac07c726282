import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** The width that an element has, in CSS pixels, as it changes. */
export function useWidth<E extends HTMLElement>(initial: number): [{ current: E | null }, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(initial);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
