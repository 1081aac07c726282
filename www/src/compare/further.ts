import type { MultivariateReport, SegmentsReport } from "tidegate";

import type { ChunkSummary } from "../analysis/protocol";

/** What a person asked for beside the report of columns; `null` where it was not asked for, or is not there yet. */
export interface Further {
  chunks: readonly ChunkSummary[] | null;
  segments: SegmentsReport | null;
  rows: readonly MultivariateReport[] | null;
}

export const NOTHING_FURTHER: Further = { chunks: null, segments: null, rows: null };
