// Files by path, for the command line.

import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createReadStream } from "node:fs";
import type { ByteSource } from "../bytes.js";
import { TidegateError } from "../error.js";
import { type ReadOptions, readSource, readTable } from "../read-table.js";
import type { Table } from "../table.js";
import type { LogFile } from "../training.js";

/** Reads the table in the file at `path`, or what comes on standard input for `-`. */
export async function readFileTable(path: string, options: ReadOptions): Promise<Table> {
  if (path === "-") return readTable(process.stdin, { ...options, label: "standard input" });
  const stats = await stat(path).catch((error) => refuse(path, error));
  if (stats.isDirectory()) throw new TidegateError("EISDIR", `${path} is a directory, not a file`);
  // A pipe has no size, and cannot be read from its end.
  if (!stats.isFile()) return readTable(createReadStream(path), { ...options, label: path });

  const file = await open(path).catch((error) => refuse(path, error));
  const source: ByteSource = {
    size: stats.size,
    async slice(start, end) {
      const bytes = new Uint8Array(Math.max(Math.min(end, stats.size) - start, 0));
      let length = 0;
      while (length < bytes.byteLength) {
        const { bytesRead } = await file.read(bytes, length, bytes.byteLength - length, start + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    },
  };
  try {
    return await readSource(source, { ...options, label: path });
  } finally {
    await file.close();
  }
}

/** The files of a training run's log; of a folder, the event files in it and in its folders. */
export async function readLogFiles(paths: readonly string[]): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (const path of paths) {
    const stats = await stat(path).catch((error) => refuse(path, error));
    const names = stats.isDirectory() ? await eventFiles(path) : [path];
    for (const name of names) {
      files.push({ bytes: await readFile(name).catch((error) => refuse(name, error)), name });
    }
  }
  return files;
}

async function eventFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const found = entries.filter((entry) => entry.includes("tfevents")).sort();
  if (found.length === 0) throw new TidegateError("NothingKnown", `${folder}: there is no event file in this folder`);
  return found.map((entry) => join(folder, entry));
}

/** Throws the system's error in words. */
export function refuse(path: string, error: NodeJS.ErrnoException, missing = "there is no such file"): never {
  const words: Record<string, string> = {
    ENOENT: missing,
    EACCES: "it may not be opened: permission denied",
    EISDIR: "it is a directory, not a file",
    ENOTDIR: "a part of its path is not a folder",
    ENOSPC: "the disk is full",
  };
  const code = error.code ?? "Io";
  throw new TidegateError(code, `${path}: ${words[code] ?? error.message}`, { cause: error });
}
