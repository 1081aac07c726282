import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import type { PlotText, Size } from "./types";

/** The outer element of every plot: sized, titled and described. */
export function PlotSvg({
  size,
  text,
  children,
}: {
  size: Size;
  text: PlotText;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <svg
      class="plot-svg"
      width={size.width}
      height={size.height}
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-labelledby={`${id}t ${id}d`}
    >
      <title id={`${id}t`}>{text.title}</title>
      <desc id={`${id}d`}>{text.desc}</desc>
      {children}
    </svg>
  );
}
