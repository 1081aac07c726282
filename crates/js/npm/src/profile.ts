import type { CompareOptions } from "./compare.js";
import { locate } from "./error.js";
import { type ReadOptions, readTable, type TableInput } from "./read-table.js";
import type { Profile, Report } from "./wire.js";
import { core } from "./wasm.js";

/** Options of a profile. */
export interface ProfileOptions extends ReadOptions {
  /** Count on the bins of this profile, to be compared with it or merged. */
  reference?: Profile;
}

/** Summarises a table, so that it can be kept, merged with others of its kind, and compared. */
export async function profile(input: TableInput, options: ProfileOptions = {}): Promise<Profile> {
  const table = await readTable(input, options);
  const reference = options.reference && JSON.stringify(options.reference);
  try {
    const bindings = await core();
    return JSON.parse(locate(options.label ?? "table", () => bindings.profile(table.handle, reference)));
  } finally {
    if (table !== input) table.free();
  }
}

/** One profile of all the rows that `profiles` were made from; their bins must be the same. */
export async function merge(...profiles: [Profile, ...Profile[]]): Promise<Profile> {
  const { mergeProfiles } = await core();
  const merged = profiles
    .map((profile) => JSON.stringify(profile))
    .reduce((one, other) => locate(undefined, () => mergeProfiles(one, other)));
  return JSON.parse(merged);
}

/**
 * Compares two profiles, by the methods that need no more than counts. The current one must have been
 * made with the reference as its `reference`.
 */
export async function compareProfiles(
  reference: Profile,
  current: Profile,
  options: Pick<CompareOptions, "methods" | "alpha" | "effect_floor"> = {},
): Promise<Report> {
  const bindings = await core();
  const [one, other, asked] = [reference, current, options].map((value) => JSON.stringify(value)) as [
    string,
    string,
    string,
  ];
  return JSON.parse(locate(undefined, () => bindings.compareProfiles(one, other, asked)));
}
