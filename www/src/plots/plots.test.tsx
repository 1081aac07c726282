import { renderToString } from "preact-render-to-string";
import { describe, expect, test } from "vitest";

import { barsOf, CategoryBars, layoutCategories, readCategory } from "./category-bars";
import { cumulativeOf, CumulativePlot, readCumulative } from "./cumulative";
import { besideSentence, Histogram, HistogramSparkline, layoutHistogram, readHistogram } from "./histogram";
import { layoutLines, LineChart, type LineData, readLines } from "./line-chart";
import { hitAt, nextIndex } from "./plot-frame";

const TEXT = { title: "Distribution of price", desc: "Two samples." };
const SIZE = { width: 258, height: 134 };
// Inside the margins the plot is 200 by 100 pixels, so that coordinates can be checked by head.
const EVEN = { edges: [0, 1, 2], reference: [3, 1], current: [1, 3] };
const count = (svg: string, part: string): number => svg.split(part).length - 1;
const path = (svg: string, name: string): string =>
  new RegExp(`class="${name}" d="([^"]*)"`).exec(svg)?.[1] ?? "";

describe("histogram", () => {
  test("draws shares as steps: 3 of 4 to the top, 1 of 4 to a third of it", () => {
    const svg = renderToString(<Histogram layout={layoutHistogram(EVEN, SIZE)} text={TEXT} active={null} />);
    expect(path(svg, "line-reference")).toBe("M44 108V8H144V74.67H244");
    expect(path(svg, "line-current")).toBe("M44 108V74.67H144V8H244");
  });

  test("is named and described for those who cannot see it", () => {
    const svg = renderToString(<Histogram layout={layoutHistogram(EVEN, SIZE)} text={TEXT} active={null} />);
    const [title = "", desc = ""] = /aria-labelledby="([^"]*)"/.exec(svg)?.[1]?.split(" ") ?? [];
    expect(svg).toContain('role="img"');
    expect(svg).toContain(`<title id="${title}">Distribution of price</title>`);
    expect(svg).toContain(`<desc id="${desc}">Two samples.</desc>`);
  });

  test("puts bins of many widths side by side, so that a narrow one hides none", () => {
    const layout = layoutHistogram({ edges: [0, 0.001, 1000], reference: [1, 1], current: [1, 1] }, SIZE);
    expect(layout.isEven).toBe(false);
    expect(layout.xs).toEqual([44, 144, 244]);
  });

  test("counts what lies beside the bins into the whole, and says how much it is", () => {
    const data = { ...EVEN, below: [0, 4] as const, above: [4, 0] as const };
    expect(readHistogram(data, 0).rows).toEqual([
      ["Reference", "37.5% (3)"],
      ["Current", "12.5% (1)"],
    ]);
    expect(besideSentence(data)).toBe(
      "Beside the range drawn: 50% of the reference, 50% of the current table.",
    );
    expect(besideSentence(EVEN)).toBe("");
  });

  test("marks the bin that is pointed at", () => {
    const layout = layoutHistogram(EVEN, SIZE);
    expect(renderToString(<Histogram layout={layout} text={TEXT} active={1} />)).toContain(
      'class="plot-active" x="144"',
    );
    expect(renderToString(<Histogram layout={layout} text={TEXT} active={null} />)).not.toContain(
      "plot-active",
    );
  });

  test.each([
    ["empty samples", { edges: [0, 1], reference: [0], current: [0] }],
    ["one bin", { edges: [5, 5.5], reference: [7], current: [2] }],
    ["huge values", { edges: [-1e308, 0, 1e308], reference: [1, 2], current: [2, 1] }],
  ])("draws no NaN for %s", (_, data) => {
    const svg = renderToString(<Histogram layout={layoutHistogram(data, SIZE)} text={TEXT} active={0} />);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(
      renderToString(<HistogramSparkline data={data} size={{ width: 130, height: 30 }} text={TEXT} />),
    ).not.toMatch(/NaN|Infinity/);
  });
});

describe("cumulative plot", () => {
  const data = cumulativeOf(EVEN);
  test("finds the widest gap: 75% against 25% below 1", () => {
    expect(data).toMatchObject({ reference: [0, 0.75, 1], current: [0, 0.25, 1], widest: 1 });
    expect(readCumulative(data, 1)).toEqual({
      heading: "below 1",
      rows: [
        ["Reference", "75%"],
        ["Current", "25%"],
        ["Gap", "0.500"],
      ],
    });
  });
  test("begins with what lies below the bins", () => {
    expect(cumulativeOf({ ...EVEN, below: [4, 0] }).reference[0]).toBe(0.5);
  });
  test("tells the two samples apart by dash as well as colour", () => {
    const svg = renderToString(
      <CumulativePlot
        data={data}
        layout={layoutHistogram(EVEN, SIZE)}
        height={114}
        text={TEXT}
        active={null}
      />,
    );
    expect(svg).toContain("cumulative-reference");
    expect(path(svg, "line-current")).toBe("M44 108L144 83L244 8");
  });
});

describe("category bars", () => {
  const data = { names: ["UP", "DOWN"], reference: [30, 70], current: [60, 40], other: [0, 0] as const };
  test("draws two bars a category, with their shares", () => {
    const svg = renderToString(
      <CategoryBars layout={layoutCategories(data, 400)} text={TEXT} active={null} />,
    );
    expect(count(svg, 'class="bar-reference"')).toBe(2);
    expect(count(svg, 'class="bar-current"')).toBe(2);
    for (const share of ["30%", "70%", "60%", "40%"]) expect(svg).toContain(share);
  });
  test("puts what has no name here into one bar, so that shares are of everything", () => {
    expect(barsOf({ ...data, other: [100, 0] }).map(({ name, reference }) => [name, reference])).toEqual([
      ["UP", 0.15],
      ["DOWN", 0.35],
      ["all others", 0.5],
    ]);
  });
  test("is bounded, whatever the number of categories", () => {
    const many = Array.from({ length: 500 }, (_, i) => i);
    expect(barsOf({ names: many.map(String), reference: many, current: many, other: [0, 0] })).toHaveLength(
      13,
    );
  });
  test("reads a category", () => {
    expect(readCategory(data, 1)).toEqual({
      heading: "DOWN",
      rows: [
        ["Reference", "70% (70)"],
        ["Current", "40% (40)"],
      ],
    });
  });
});

describe("line chart", () => {
  const data: LineData = {
    atSeconds: [0, 10, 20, 30],
    format: (value) => (value === null ? "–" : value.toFixed(1)),
    lines: [{ name: "PSI", tone: "main", values: [0.1, null, 0.3, 0.2] }],
    threshold: { value: 0.25, label: "bound" },
  };
  const layout = layoutLines(data, { width: 264, height: 134 });

  test("leaves a gap where there is no value", () => {
    const svg = renderToString(<LineChart data={data} layout={layout} text={TEXT} active={null} />);
    expect(count(svg, 'class="line"')).toBe(2);
    expect(svg).toContain('class="threshold"');
    expect(svg).not.toContain("NaN");
  });
  test("reads all lines and the bound at one moment", () => {
    expect(readLines(data, 1).rows).toEqual([
      ["PSI", "–"],
      ["bound", "0.3"],
    ]);
  });
  test("thins what would be more points than pixels can show", () => {
    const times = Array.from({ length: 100_000 }, (_, i) => i);
    const long: LineData = {
      atSeconds: times,
      format: String,
      lines: [{ name: "requests", tone: "main", values: times }],
    };
    const svg = renderToString(
      <LineChart
        data={long}
        layout={layoutLines(long, { width: 200, height: 100 })}
        text={TEXT}
        active={null}
      />,
    );
    expect(count(svg, "L")).toBeLessThan(850);
  });
  test.each([
    ["no points", []],
    ["one point", [5]],
  ])("survives %s", (_, atSeconds) => {
    const few: LineData = {
      atSeconds,
      format: String,
      lines: [{ name: "requests", tone: "main", filled: true, values: atSeconds }],
    };
    const svg = renderToString(
      <LineChart data={few} layout={layoutLines(few, SIZE)} text={TEXT} active={null} />,
    );
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("plot frame", () => {
  const hits = [0, 1, 2].map((i) => ({ x: i * 10, y: 0, width: 10, height: 50 }));
  test("finds the datum at a point, and none beside them", () => {
    expect([hitAt(hits, 0, 0), hitAt(hits, 19.9, 49), hitAt(hits, 30, 5), hitAt(hits, 5, 50)]).toEqual([
      0,
      1,
      null,
      null,
    ]);
  });
  test("moves with the arrow keys and stops at the ends", () => {
    expect(nextIndex("ArrowRight", null, 3)).toBe(0);
    expect(nextIndex("ArrowRight", 2, 3)).toBe(2);
    expect(nextIndex("ArrowLeft", null, 3)).toBe(2);
    expect(nextIndex("Home", 2, 3)).toBe(0);
    expect(nextIndex("End", 0, 3)).toBe(2);
    expect(nextIndex("Escape", 1, 3)).toBeNull();
    expect(nextIndex("Tab", 1, 3)).toBeUndefined();
    expect(nextIndex("ArrowRight", null, 0)).toBeUndefined();
  });
});
