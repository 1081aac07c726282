/** Stretches of the current table as a grid shows them, when drift began, and why some of their columns were not judged. */

import type { ColumnReport } from "tidegate";

import type { ChunkSummary } from "../analysis/protocol";
import { formatCount, formatDateTime, formatNumber, formatPlural } from "../lib/format";
import type { GridCell, GridData } from "../plots/drift-grid";

/** Columns that are drawn, at most. */
const MOST_COLUMNS = 40;

/** How many stretches one may ask for. */
export const PARTS = [3, 6, 12, 24, 48] as const;

/** Twelve stretches, or fewer where they would have too few rows to be judged. */
export function usualParts(columns: readonly ColumnReport[]): number {
  const rows = Math.max(0, ...columns.map(({ current }) => current.count + current.missing));
  return PARTS.findLast((parts) => parts <= 12 && rows >= 100 * parts) ?? PARTS[0];
}

/** The columns in the report's order, each with its cell of every stretch. */
export function gridOf(chunks: readonly ChunkSummary[], names: readonly string[]): GridData {
  const firsts = chunks.map((_, i) => 1 + chunks.slice(0, i).reduce((sum, { rows }) => sum + rows, 0));
  return {
    columns: shownOf(chunks, names).map((name) => ({
      name,
      cells: chunks.map((chunk) => cellOf(chunk, name)),
    })),
    stretches: chunks.map(({ from_seconds: from, rows }, i) => ({
      name: from === null ? `from row ${formatCount(firsts[i] ?? 1)}` : `from ${formatDateTime(from)}`,
      rows,
    })),
  };
}

function shownOf(chunks: readonly ChunkSummary[], names: readonly string[]): string[] {
  const known = new Set(chunks.flatMap(({ cells }) => Object.keys(cells)));
  return names.filter((name) => known.has(name)).slice(0, MOST_COLUMNS);
}

function cellOf({ rows, cells }: ChunkSummary, name: string): GridCell {
  const cell = cells[name];
  if (cell === undefined) return { verdict: "insufficient_data", effect: null };
  const { verdict, effect, rows_per_independent: alike } = cell;
  if (verdict !== "insufficient_data" || effect === null) return { verdict, effect };
  const why =
    alike === null ? "too few rows" : `neighbours are alike: they count as ${countsAs(rows, alike)}`;
  return { verdict, effect, why };
}

/** How many independent rows say as much as these. */
const countsAs = (rows: number, alike: number) => formatCount(Math.max(1, Math.round(rows / alike)));

/** When drift was first seen, and in what; or that it was not. */
export function onsetSentence(chunks: readonly ChunkSummary[], names: readonly string[]): string {
  const { columns, stretches } = gridOf(chunks, names);
  const first = stretches.findIndex((_, at) => columns.some(({ cells }) => cells[at]?.verdict === "drift"));
  const stretch = stretches[first];
  if (stretch === undefined) {
    const isJudged = columns.some(({ cells }) => cells.some(({ verdict }) => verdict === "no_drift"));
    return isJudged ? "No stretch shows drift." : "No stretch could be judged.";
  }
  const drifted = columns.filter(({ cells }) => cells[first]?.verdict === "drift").map(({ name }) => name);
  const listed = [...drifted.slice(0, 5), ...(drifted.length > 5 ? ["others"] : [])];
  const inWhat = listed.length > 1 ? `${listed.slice(0, -1).join(", ")} and ${listed.at(-1)}` : listed[0];
  return `Drift is first seen in the stretch ${stretch.name}: in ${inWhat}.`;
}

/** For each reason that a column has cells that were not judged a sentence, and what to do; none where all were judged. */
export function unjudgedSentences(chunks: readonly ChunkSummary[], names: readonly string[]): string[] {
  const rows = Math.max(0, ...chunks.map((chunk) => chunk.rows));
  const small: string[] = [];
  const sentences: string[] = [];
  for (const name of shownOf(chunks, names)) {
    const unjudged = chunks.flatMap(({ cells }) => {
      const cell = cells[name];
      return cell?.verdict === "insufficient_data" && cell.effect !== null ? [cell] : [];
    });
    const alike = unjudged[0]?.rows_per_independent;
    if (unjudged.length === 0) continue;
    if (alike == null) small.push(name);
    else {
      const where =
        unjudged.length === chunks.length
          ? "no stretch"
          : `${chunks.length - unjudged.length} of ${formatPlural(chunks.length, "stretch", "stretches")}`;
      sentences.push(
        `${name} is judged in ${where}: each value is much like the one before it, ${formatNumber(alike, 3)} rows say as much as one that stands alone, and ${formatPlural(rows, "row")} count as ${countsAs(rows, alike)}.`,
      );
    }
  }
  if (small.length > 0)
    sentences.push(
      `Stretches of ${formatPlural(rows, "row")} are too short to be sure of ${small.slice(0, 5).join(", ")}${small.length > 5 ? " and others" : ""}.`,
    );
  return sentences.length === 0
    ? []
    : [...sentences.slice(0, 4), "Fewer stretches, or a longer table, say more."];
}
