import { useLayoutEffect } from "preact/hooks";

import { formatPercent } from "../lib/format";

/** How far a comparison is, and the way out of it. */
export function Progress({ ratio, stage, onCancel }: { ratio: number; stage: string; onCancel: () => void }) {
  // Before the first paint, so that Escape works from the moment the bar is seen.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape") onCancel();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [onCancel]);
  const percent = Math.round(ratio * 100);
  return (
    <div class="progress">
      <div class="progress-text">
        <span>{stage}</span>
        <span class="number">{formatPercent(percent / 100)}</span>
      </div>
      <div
        class="progress-bar"
        role="progressbar"
        aria-label="Comparison"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <div class="progress-done" style={{ inlineSize: `${percent}%` }} />
      </div>
      <button type="button" class="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
