// Profiles, or mergeable snapshots, of several files as one.

import { readFile } from "node:fs/promises";
import { TidegateError } from "../error.js";
import { merge, mergeSnapshots } from "../node.js";
import type { Profile, Snapshot } from "../wire.js";
import { refuse } from "./open-file.js";

/** Reads the files and adds what they hold. */
export async function mergeFiles(paths: readonly string[]): Promise<Profile | Snapshot> {
  const read: (Profile | Snapshot)[] = [];
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch((error) => refuse(path, error));
    read.push(parse(text, path));
  }
  if (read.every(isProfile)) return merge(...(read as [Profile, ...Profile[]]));
  if (!read.some(isProfile)) return mergeSnapshots(...(read as [Snapshot, ...Snapshot[]]));
  throw new TidegateError("Kinds", "profiles and snapshots cannot be merged with each other");
}

/** The profile in a file. */
export async function readProfile(path: string): Promise<Profile> {
  const value = parse(await readFile(path, "utf8").catch((error) => refuse(path, error)), path);
  if (isProfile(value)) return value as Profile;
  throw new TidegateError("UnknownFile", `${path}: this is a snapshot, and no profile`);
}

const isProfile = ({ schema }: Profile | Snapshot) => schema.startsWith("tidegate.profile/");

function parse(text: string, path: string): Profile | Snapshot {
  const value = parseJson(text, path);
  if (/^tidegate\.(profile|snapshot)\//.test(String(value?.schema))) return value as Profile | Snapshot;
  throw new TidegateError("UnknownFile", `${path}: this is neither a profile nor a snapshot of Tidegate`);
}

function parseJson(text: string, path: string): { schema?: unknown } | null {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TidegateError("UnknownFile", `${path}: this is no JSON`, { cause });
  }
}
