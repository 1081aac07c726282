// Records of a JSON file: an array of them, or one a line.

import { TidegateError } from "./error.js";
import { RECORDS_ADVICE } from "./file-format.js";

/** The records in the text of a file. */
export function jsonRows(text: string, label: string): object[] {
  const whole = parsed(text);
  if (isRecord(whole)) return [alone(whole, label)];
  if (Array.isArray(whole)) return whole.map((row, index) => record(row, label, `record ${index + 1}`));
  const rows: object[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") rows.push(record(parsed(line), label, `line ${index + 1}`));
  }
  return rows;
}

/** The only object of a file: one that holds lists or objects is something else than a record. */
function alone(value: object, label: string): object {
  const { schema } = value as { schema?: unknown };
  if (typeof schema === "string" && schema.startsWith("tidegate."))
    throw new TidegateError("UnknownFormat", `${label} is a ${schema}, and no table: give the tables themselves`);
  if (Object.values(value).some((field) => typeof field === "object" && field !== null))
    throw new TidegateError("UnknownFormat", `${label} is JSON, and no table: ${RECORDS_ADVICE}`);
  return value;
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
  const message = `${label}: ${place} is no JSON object: ${RECORDS_ADVICE}`;
  throw new TidegateError("UnknownFormat", message);
}

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
