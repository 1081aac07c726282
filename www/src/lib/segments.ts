/** What segments of a table are called. */

import type { Segment } from "tidegate";

import { formatNumber, formatPlural } from "./format";

/** `Oslo`, `18 to 40`, `3 other values`. */
export function segmentText(segment: Segment): string {
  switch (segment.kind) {
    case "category":
      return segment.name === "" ? "(empty)" : segment.name;
    case "others":
      return formatPlural(segment.categories, "other value");
    case "missing":
      return "no value";
    case "range": {
      const { from, to } = segment;
      if (from === null) return to === null ? "all numbers" : `below ${formatNumber(to)}`;
      return to === null ? `${formatNumber(from)} and more` : `${formatNumber(from)} to ${formatNumber(to)}`;
    }
  }
}
