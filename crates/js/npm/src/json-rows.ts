// Records of a JSON file: an array of them, or one a line.

import { TidegateError } from "./error.js";

/** The records in the text of a file. */
export function jsonRows(text: string, label: string): object[] {
  const whole = parsed(text);
  if (isRecord(whole)) return [whole];
  if (Array.isArray(whole)) return whole.map((row, index) => record(row, label, `record ${index + 1}`));
  const rows: object[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") rows.push(record(parsed(line), label, `line ${index + 1}`));
  }
  return rows;
}

/** The value that a text is; `undefined` where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function record(value: unknown, label: string, place: string): object {
  if (isRecord(value)) return value;
  const message = `${label}: ${place} is no JSON object: have an array of records, or a record a line`;
  throw new TidegateError("UnknownFormat", message);
}

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
