import assert from "node:assert/strict";
import { test } from "node:test";
import type { ColumnReport, Report, TestReport } from "../wire.js";
import { paletteFor } from "./palette.js";
import { renderReport } from "./render-report.js";

const PLAIN = paletteFor(process.stdout, { NO_COLOR: "1" });
const COLOURED = paletteFor(process.stdout, { FORCE_COLOR: "1" });

function testReport(fields: Partial<TestReport>): TestReport {
  return {
    method: "kolmogorov_smirnov",
    statistic: 0.1,
    p_value: 0.01,
    p_adjusted: 0.02,
    effect: 0.1,
    interval: null,
    detectable_effect: 0.05,
    threshold: 0.05,
    effect_floor: 0.1,
    verdict: "drift",
    ...fields,
  };
}

function column(fields: Partial<ColumnReport>): ColumnReport {
  return {
    name: "age",
    kind: "numeric",
    verdict: "drift",
    reference: { count: 100, missing: 0 },
    current: { count: 100, missing: 0 },
    tests: [testReport({})],
    distribution: { kind: "bins", edges: [], reference: [], current: [], below: [0, 0], above: [0, 0] },
    unseen: { count: 0 },
    ...fields,
  };
}

const REPORT: Report = {
  schema: "tidegate.report/1",
  verdict: "drift",
  reference: { rows: 100 },
  current: { rows: 12_000 },
  columns: [
    column({ name: "calm", verdict: "no_drift", tests: [testReport({ effect: 0.9, p_adjusted: 0.8 })] }),
    column({ name: "tags", verdict: "insufficient_data", tests: [], note: "its values are nested" }),
    column({ name: "little", tests: [testReport({ effect: 0.2, p_adjusted: 0 })] }),
    column({
      name: "much",
      tests: [testReport({ method: "psi", effect: 0.5, p_adjusted: null })],
      current: { count: 99, missing: 1 },
      unseen: { count: 33 },
      missing_test: testReport({}),
      note: "2 infinities",
    }),
  ],
};

test("what drifted comes first, then by effect", () => {
  assert.deepEqual(renderReport(REPORT, PLAIN, Infinity), [
    "  column  verdict       test                effect  adjusted p  missing          never seen",
    "  much    drift         PSI                    0.5           –  0% → 1.0% drift         33%",
    "  little  drift         Kolmogorov-Smirnov     0.2    < 1e-300  0%",
    "  tags    not compared  its values are nested",
    "  calm    no drift      Kolmogorov-Smirnov     0.9       0.800  0%",
    "",
    "  much: 2 infinities",
    "",
    "2 of 4 columns drifted · 1 could not be judged · 100 rows against 12,000",
  ]);
});

test("neighbours that are alike are told, unless verdicts count them so", () => {
  const counted = column({ rows_per_independent: 19, tests: [testReport({ p_effective: 0.5 })] });
  const columns = [counted, column({ rows_per_independent: 3.25 }), column({ rows_per_independent: 2 })];
  const lines = renderReport({ ...REPORT, columns }, PLAIN, Infinity).join("\n");
  assert.match(lines, /are alike in 2 columns: up to 3\.25 say as much as one\.\n.*--in-time-order/);
  const quiet = renderReport({ ...REPORT, columns: [counted] }, PLAIN, Infinity).join("\n");
  assert.doesNotMatch(quiet, /in-time-order/);
});

test("an effect too small to matter stands beside the smallest that does", () => {
  const small = testReport({ effect: 0.03, p_adjusted: 1e-9, verdict: "no_drift" });
  const report = { ...REPORT, columns: [column({ verdict: "no_drift", tests: [small] })] };
  assert.match(renderReport(report, PLAIN, Infinity).join("\n"), / 0\.03 < 0\.1 /);
  const chance = testReport({ effect: 0.03, p_adjusted: 0.2, verdict: "no_drift" });
  const quiet = { ...REPORT, columns: [column({ verdict: "no_drift", tests: [chance] })] };
  assert.doesNotMatch(renderReport(quiet, PLAIN, Infinity).join("\n"), /</);
});

test("a long name is cut, and a reason does not repeat the verdict", () => {
  const name = "temperature ".repeat(20);
  const report: Report = {
    ...REPORT,
    reference: { rows: 1 },
    columns: [
      column({ name, note: "2 infinities" }),
      column({ name: "void", verdict: "insufficient_data", tests: [], note: "not compared: it is empty" }),
    ],
  };
  const cut = "temperature temperature temperature temperature temperature…";
  assert.deepEqual(renderReport(report, PLAIN, Infinity), [
    `  ${"column".padEnd(cut.length)}  verdict       test                effect  adjusted p  missing`,
    `  ${cut}  drift         Kolmogorov-Smirnov     0.1       0.020  0%`,
    `  ${"void".padEnd(cut.length)}  not compared  it is empty`,
    "",
    `  ${cut}: 2 infinities`,
    "",
    "1 of 2 columns drifted · 1 could not be judged · 1 row against 12,000",
  ]);
});

test("a report that drifted by what is missing says so", () => {
  const columns = [column({ verdict: "no_drift", missing_test: testReport({}) }), column({ verdict: "no_drift", name: "calm" })];
  assert.equal(
    renderReport({ ...REPORT, columns }, PLAIN, Infinity).at(-1),
    "0 of 2 columns drifted · missing values of 1 column drifted · 100 rows against 12,000",
  );
});

test("no line is wider than the terminal", () => {
  for (const width of [40, 60, 80, 100]) {
    for (const line of renderReport({ ...REPORT, columns: REPORT.columns.slice(0, 3) }, PLAIN, width).slice(
      0,
      4,
    )) {
      assert.ok(line.length <= width, `${width}: ${line}`);
    }
  }
});

test("colour changes nothing but the colour", () => {
  const coloured = renderReport(REPORT, COLOURED, 100);
  assert.ok(coloured.some((line) => line.includes("\u001b[31mdrift")));
  assert.deepEqual(
    coloured.map((line) => line.replace(/\u001b\[\d+m/g, "")),
    renderReport(REPORT, PLAIN, 100),
  );
});
