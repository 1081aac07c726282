/** The worker of the views that judge: tables are read here once, and stay in the core's memory while their file is asked about. */

import {
  compare,
  estimate,
  evaluateTable,
  experimentOfTable,
  explain,
  readTable,
  type Table,
  training,
} from "tidegate";

import type { Answers, ExplanationSummary, NumberedFile, Question, Reply } from "./protocol";

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
    case "rows": {
      const { reference, current } = question.files;
      const report = await compare(await read(reference), await read(current), {
        methods: ["psi"],
        multivariate: ["domain_classifier", "pca_reconstruction", "mmd"],
      });
      return report.multivariate ?? [];
    }
  }
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
