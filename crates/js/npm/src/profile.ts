import type { CompareOptions } from "./compare.js";
import { locate } from "./error.js";
import { type ReadOptions, readTable, type TableInput } from "./read-table.js";
import type { Profile, Report } from "./wire.js";
import { core } from "./wasm.js";

/** Summarises a table, so that it can be kept, merged with others of its kind, and compared against. */
export async function profile(input: TableInput, options: ReadOptions = {}): Promise<Profile> {
  const table = await readTable(input, options);
  try {
    const bindings = await core();
    return JSON.parse(locate(options.label ?? "table", () => bindings.profile(table.handle)));
  } finally {
    if (table !== input) table.free();
  }
}

/** One profile of all the tables that `profiles` were made from; their bins must be the same. */
export async function merge(...profiles: [Profile, ...Profile[]]): Promise<Profile> {
  const { mergeProfiles } = await core();
  const merged = profiles
    .map((profile) => JSON.stringify(profile))
    .reduce((one, other) => locate(undefined, () => mergeProfiles(one, other)));
  return JSON.parse(merged);
}

/** Compares two profiles: with less than two tables would give, for the values themselves are gone. */
export async function compareProfiles(
  reference: Profile,
  current: Profile,
  options: Pick<CompareOptions, "methods" | "alpha" | "effect_floor"> = {},
): Promise<Report> {
  const bindings = await core();
  const [one, other, asked] = [reference, current, options].map((value) => JSON.stringify(value)) as [string, string, string];
  return JSON.parse(locate(undefined, () => bindings.compareProfiles(one, other, asked)));
}
