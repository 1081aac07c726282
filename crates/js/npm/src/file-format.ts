// What a file is, by its first bytes.

import { TidegateError } from "./error.js";

/** Bytes from the start of a file that are enough to know it by. */
export const SIGNATURE_BYTES = 512;

/** Whether a file that begins with `head` is Parquet. */
export function isParquet(head: Uint8Array): boolean {
  return beginsWith(head, [0x50, 0x41, 0x52, 0x31]); // PAR1
}

/** Whether a file that begins with `head` is compressed by gzip. */
export function isGzip(head: Uint8Array): boolean {
  return beginsWith(head, [0x1f, 0x8b]);
}

/** Whether a file that begins with `head` is JSON: a record a line, or an array of them. */
export function isJson(head: Uint8Array): boolean {
  return /^\s*(\[\s*)?\{\s*"/.test(new TextDecoder().decode(head));
}

/** What is read as a table, for who gave something else. */
const READ = "CSV, Parquet and JSON records are read, each with gzip or without";

const OTHERS: readonly [signature: readonly number[], advice: string][] = [
  [[0x1f, 0x8b], "is compressed with gzip twice; decompress it first"],
  [[0x28, 0xb5, 0x2f, 0xfd], "is compressed with zstd; decompress it first"],
  [[0x42, 0x5a, 0x68], "is compressed with bzip2; decompress it first"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "is compressed with xz; decompress it first"],
  [[0x50, 0x4b, 0x03, 0x04], "is a zip archive or a spreadsheet; save the table as CSV or Parquet"],
  [[0xd0, 0xcf, 0x11, 0xe0], "is a spreadsheet or another file of an office; save the table as CSV or Parquet"],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], "is an Arrow file; save the table as Parquet or CSV"],
  [[0xff, 0xff, 0xff, 0xff], "is an Arrow stream; save the table as Parquet or CSV"],
  [[0xff, 0xfe], "is UTF-16 text; save it as UTF-8"],
  [[0xfe, 0xff], "is UTF-16 text; save it as UTF-8"],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], `is a PDF; ${READ}`],
];

/** Refuses a file that begins with `head` where it can be seen that it is no CSV file. */
export function assertReadable(head: Uint8Array, label: string): void {
  const [, advice] = OTHERS.find(([signature]) => beginsWith(head, signature)) ?? [];
  const text = new TextDecoder().decode(head);
  const why =
    advice ??
    (head.some(isBinary) ? `is no table: it holds binary data; ${READ}` : undefined) ??
    (/^\s*<(!doctype|html|\?xml|svg)\b/i.test(text) ? `is a page or XML, and no table; ${READ}` : undefined) ??
    (/^\s*(\[\s*([\][\d"-]|true|false|null)|\{\s*\})/.test(text) ? `is JSON, and no table: ${RECORDS_ADVICE}` : undefined);
  if (why !== undefined) throw new TidegateError("UnknownFormat", `${label} ${why}`);
}

/** What JSON must hold to be a table. */
export const RECORDS_ADVICE = "have an array of records, or a record a line";

/** Bytes that no text has; a mark at its end, which old programs write, is none of them. */
const isBinary = (byte: number) => byte < 9 || (byte > 13 && byte < 26);

function beginsWith(head: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => head[i] === byte);
}
