/** Files out of drops and pastes, and which are tables. */

/** What is read as a table, as a place for one says it; any of it may be compressed with gzip. */
export const TABLE_KINDS = "CSV, Parquet or JSON";

/** What a file chooser offers where a table is wanted. */
export const TABLE_TYPES = ".csv,.tsv,.txt,.parquet,.pq,.json,.jsonl,.ndjson,.gz,text/csv,application/json";

/** The files of a drop or paste; pasted text with a comma and a line break in it counts as a CSV file. */
export function filesFrom(data: DataTransfer | null): File[] {
  if (data === null) return [];
  if (data.files.length > 0) return [...data.files];
  const text = data.getData("text/plain");
  return /,/.test(text) && /\n/.test(text) ? [new File([text], "pasted.csv", { type: "text/csv" })] : [];
}
