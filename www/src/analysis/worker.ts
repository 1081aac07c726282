/** The worker of the views that judge: tables are read here once, and stay in the core's memory while their file is asked about. */

import {
  compare,
  compareChunks,
  compareSegments,
  estimate,
  evaluateTable,
  experimentDesign,
  experimentOfTable,
  explain,
  profile,
  type Profile,
  readTable,
  type SegmentsReport,
  type Table,
  training,
  type DesignOptions,
} from "tidegate";

import type {
  Answers,
  ChunkSummary,
  ExperimentPlan,
  ExplanationSummary,
  NumberedFile,
  Question,
  Reply,
} from "./protocol";

/** Rows of an explanation that the page can look at one by one. */
const SHOWN_ROWS = 500;
/** Tables that are kept, at most. */
const KEPT_TABLES = 4;

const tables = new Map<number, Promise<Table>>();
let turn: Promise<unknown> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<{ id: number; question: Question }>): void => {
  // One after the other: two questions about one file read it once.
  turn = turn.then(async () => {
    const reply: Reply = await answer(data.question).then(
      (answer) => ({ id: data.id, answer }),
      (error: unknown) => ({ id: data.id, error: sentence(error) }),
    );
    self.postMessage(reply);
  });
};

async function answer(question: Question): Promise<Answers[keyof Answers]> {
  switch (question.about) {
    case "columns": {
      const table = await read(question.files.table);
      return { rows: table.rows, columns: [...table.columns] };
    }
    case "evaluate":
      return evaluateTable(await read(question.files.table), question.options);
    case "estimate":
      return estimate(
        await read(question.files.reference),
        await read(question.files.current),
        question.options,
      );
    case "experiment":
      return experimentOfTable(await read(question.files.table), question.options);
    case "plan":
      return plan(question.options);
    case "training":
      return training(
        Object.values(question.files).map(({ file }) => ({
          bytes: file,
          name: file.webkitRelativePath || file.name,
        })),
        "run",
      );
    case "explain":
      return summary(await explain(question.files.model.file, await read(question.files.table)));
    case "chunks":
      return stretches(question);
    case "profiles": {
      const [reference, current] = [
        await profileOf(question.files.reference),
        await profileOf(question.files.current),
      ];
      const of = ({ columns }: Profile) => columns.find(({ name }) => name === question.column) ?? null;
      return [of(reference), of(current)];
    }
    case "segments":
      return segments(question);
    case "rows": {
      const { reference, current } = question.files;
      const report = await compare(await read(reference), await read(current), {
        ...question.options,
        methods: ["psi"],
        multivariate: ["domain_classifier", "pca_reconstruction", "mmd"],
      });
      return report.multivariate ?? [];
    }
  }
}

/** Each stretch of the current table against the reference. Plots and further tests stay here: nobody looks at them. */
async function stretches(question: Extract<Question, { about: "chunks" }>): Promise<ChunkSummary[]> {
  const { parts, time, files, options } = question;
  const current = await read(files.current);
  const rows = Math.max(1, Math.ceil(current.rows / parts));
  const { chunks } = await compareChunks(await read(files.reference), current, { rows, time }, options);
  return chunks.map(({ rows, from_seconds, report }) => ({
    rows,
    from_seconds,
    cells: Object.fromEntries(
      report.columns.map(({ name, verdict, tests, rows_per_independent = null }) => [
        name,
        { verdict, effect: tests[0]?.effect ?? null, rows_per_independent },
      ]),
    ),
  }));
}

/** Both tables by the values of a column. Plots stay here: nobody looks at them. */
async function segments({
  files,
  by,
  options,
}: Extract<Question, { about: "segments" }>): Promise<SegmentsReport> {
  const [reference, current] = [await read(files.reference), await read(files.current)];
  const report = await compareSegments(reference, current, by, options);
  for (const column of report.segments.flatMap(({ columns }) => columns)) {
    column.distribution = { kind: "categories", names: [], reference: [], current: [], other: [0, 0] };
  }
  return report;
}

const profiles = new WeakMap<Table, Promise<Profile>>();

async function profileOf(file: NumberedFile): Promise<Profile> {
  const table = await read(file);
  const made = profiles.get(table) ?? profile(table);
  profiles.set(table, made);
  return made;
}

function read({ number, file }: NumberedFile): Promise<Table> {
  let table = tables.get(number);
  if (table === undefined) {
    table = readTable(file, { label: file.name });
    tables.set(number, table);
    table.catch(() => tables.delete(number));
    const [oldest] = tables;
    if (tables.size > KEPT_TABLES && oldest !== undefined) {
      tables.delete(oldest[0]);
      void oldest[1].then((table) => table.free());
    }
  }
  return table;
}

/** Sizes of the curves, as shares of the size that is needed: closer together where the curves bend. */
const SHARES = Array.from({ length: 31 }, (_, i) => (i / 10) ** 2 / 3).slice(2);

async function plan(options: DesignOptions): Promise<ExperimentPlan> {
  const design = await experimentDesign(options);
  const { counts: _, power: wanted, current_rate: rate, effect, ...common } = options;
  const power: ExperimentPlan["power"] = [];
  const smallest: ExperimentPlan["smallest"] = [];
  for (const share of SHARES) {
    const reference = Math.max(2, Math.round(design.counts.reference * share));
    const counts = { reference, current: Math.max(2, Math.round(design.counts.current * share)) };
    const units = counts.reference + counts.current;
    if (units <= (power.at(-1)?.[0] ?? 0)) continue;
    const given = rate == null ? { effect: effect ?? null } : { current_rate: rate };
    power.push([units, (await experimentDesign({ ...common, ...given, counts })).power]);
    // A few units find no effect, however large: the curve begins where one is found.
    const found = await experimentDesign({ ...common, power: wanted ?? 0.8, counts }).catch(() => null);
    const size =
      found?.current_rate == null ? found?.effect : found.current_rate - (common.reference_rate ?? 0);
    if (size != null) smallest.push([units, size]);
  }
  return { design, power, smallest };
}

function summary(found: Awaited<ReturnType<typeof explain>>): ExplanationSummary {
  const width = found.features.length;
  const rows = Math.min(found.rows, SHOWN_ROWS);
  return {
    method: found.method,
    features: found.features,
    rows: found.rows,
    unknownCategories: found.unknown_categories,
    outputs: found.outputs.map(({ expected, importance, values }) => ({
      expected,
      importance,
      rows: Array.from({ length: rows }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]),
    })),
  };
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
