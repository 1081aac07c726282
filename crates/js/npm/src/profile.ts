import type { CompareOptions } from "./compare.js";
import { locate, TidegateError } from "./error.js";
import { type ReadOptions, readTable, type TableInput } from "./read-table.js";
import type { ColumnProfile, ColumnRole, Profile, Report } from "./wire.js";
import { core } from "./wasm.js";

/** Options of a profile. */
export interface ProfileOptions extends ReadOptions {
  /** Count on the bins of this profile, to be compared with it or merged. */
  reference?: Profile;
  /** The column of what the model said, if the profile is to be the reference of a model's predictions too. */
  prediction?: string;
  /** The column of how sure it was, from 0 to 1, likewise. */
  confidence?: string;
}

/** Summarises a table, so that it can be kept, merged with others of its kind, and compared. */
export async function profile(input: TableInput, options: ProfileOptions = {}): Promise<Profile> {
  const table = await readTable(input, options);
  try {
    for (const name of [options.prediction, options.confidence]) {
      if (name !== undefined && table.handle.kind(name) === undefined) {
        throw new TidegateError("UnknownColumn", `there is no column ${JSON.stringify(name)}`);
      }
    }
    const bindings = await core();
    const reference = options.reference && JSON.stringify(inTable(options.reference, options));
    const made: Profile = JSON.parse(
      locate(options.label ?? "table", () => bindings.profile(table.handle, reference)),
    );
    return { ...made, columns: made.columns.map((column) => inRole(column, options)) };
  } finally {
    if (table !== input) table.free();
  }
}

/** A column as an observatory knows it. */
function inRole(column: ColumnProfile, { prediction, confidence }: ProfileOptions): ColumnProfile {
  if (column.name === prediction) return { ...column, name: "prediction", role: "prediction" };
  if (column.name === confidence) return { ...column, name: "confidence", role: "confidence" };
  return column;
}

/** A reference with the names that its columns have in the table. */
function inTable(reference: Profile, { prediction, confidence }: ProfileOptions): Profile {
  const names: Partial<Record<ColumnRole, string | undefined>> = { prediction, confidence };
  const columns = reference.columns.map((column) => ({ ...column, name: names[column.role ?? "feature"] ?? column.name }));
  return { ...reference, columns };
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
