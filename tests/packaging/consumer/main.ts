// What a user's own TypeScript may say to the package; it is only compiled.
import { compare, compareProfiles, merge, profile, readTable, TidegateError } from "tidegate";
import { compareCounts, compareNumbers, QuantileSketch, type Test } from "tidegate/stats";
import type { ColumnReport, CompareOptions, Profile, Report, Table, TableInput } from "tidegate";

interface Passenger {
  age: number;
  city?: string;
}

export async function drifted(reference: TableInput, current: Passenger[]): Promise<string[]> {
  const options: CompareOptions = {
    methods: ["kolmogorov_smirnov", "chi_square"],
    kinds: { city: "categorical" },
    alpha: 0.01,
    signal: new AbortController().signal,
    onProgress: (done, total, label) => console.log(label, total === undefined ? done : done / total),
  };
  try {
    const report: Report = await compare(reference, current, options);
    const isDrift = (column: ColumnReport) => column.verdict === "drift";
    return report.columns
      .filter(isDrift)
      .map((column) => `${column.name} ${column.tests[0]?.p_adjusted ?? 1}`);
  } catch (error) {
    if (error instanceof TidegateError) return [error.code];
    throw error;
  }
}

export async function every(bytes: Uint8Array, blob: Blob): Promise<void> {
  const table: Table = await readTable({
    age: new Float32Array(3),
    city: ["Oslo", null, "Bergen"],
    when: [new Date()],
  });
  const summary: Profile = await profile(table, { label: "passengers" });
  await compareProfiles(summary, await merge(summary, summary));
  await compare(bytes, blob, { methods: "all" });
  await compare(bytes.buffer as ArrayBuffer, blob.stream());
  table.free();

  // @ts-expect-error: not a method
  await compare(bytes, blob, { methods: ["kolmogorov"] });
  // @ts-expect-error: a path is not a table
  await compare("a.csv", blob);
}

export async function alone(values: Float32Array): Promise<Test | undefined> {
  const [test] = await compareNumbers(values, [1, 2, 3], { methods: ["energy"], effect_floor: { energy: 0.2 } });
  const sketch: QuantileSketch = await QuantileSketch.create({ k: 400 });
  sketch.push(test?.p_value ?? 0);
  const median: number | null = sketch.quantile(0.5);
  sketch.free();
  // @ts-expect-error: not a method
  await compareCounts([1], [median ?? 2], { methods: ["chi"] });
  return test;
}
