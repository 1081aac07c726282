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

const OTHERS: readonly [signature: readonly number[], advice: string][] = [
  [[0x1f, 0x8b], "is compressed with gzip twice; decompress it first"],
  [[0x28, 0xb5, 0x2f, 0xfd], "is compressed with zstd; decompress it first"],
  [[0x42, 0x5a, 0x68], "is compressed with bzip2; decompress it first"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "is compressed with xz; decompress it first"],
  [[0x50, 0x4b, 0x03, 0x04], "is a zip archive or a spreadsheet; save the table as CSV or Parquet"],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], "is an Arrow file; save the table as Parquet or CSV"],
  [[0xff, 0xfe], "is UTF-16 text; save it as UTF-8"],
  [[0xfe, 0xff], "is UTF-16 text; save it as UTF-8"],
];

/** Refuses a file that begins with `head` where it can be seen that it is no CSV file. */
export function assertReadable(head: Uint8Array, label: string): void {
  const [, advice] = OTHERS.find(([signature]) => beginsWith(head, signature)) ?? [];
  if (advice !== undefined) throw new TidegateError("UnknownFormat", `${label} ${advice}`);
  if (head.includes(0)) {
    const message = `${label} is neither CSV nor Parquet: it holds binary data`;
    throw new TidegateError("UnknownFormat", message);
  }
}

function beginsWith(head: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => head[i] === byte);
}
