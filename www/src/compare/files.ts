/** Files out of drops and pastes. */

/** The files of a drop or paste; pasted text with a comma and a line break in it counts as a CSV file. */
export function filesFrom(data: DataTransfer | null): File[] {
  if (data === null) return [];
  if (data.files.length > 0) return [...data.files];
  const text = data.getData("text/plain");
  return /,/.test(text) && /\n/.test(text) ? [new File([text], "pasted.csv", { type: "text/csv" })] : [];
}
