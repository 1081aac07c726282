import { renderToString } from "preact-render-to-string";
import { describe, expect, test } from "vitest";

import { layoutConfusion, readConfusion } from "./confusion";
import { Intervals, layoutIntervals, readIntervals } from "./intervals";
import { layoutXy, readXy, XyChart, type XyData } from "./xy-chart";

const SIZE = { width: 400, height: 240 };
const share = { domain: [0, 1], format: String } as const;

describe("curves over a number", () => {
  const data: XyData = {
    curves: [
      {
        name: "a",
        tone: "main",
        points: [
          [0, 0],
          [0.5, 0.25],
          [1, 1],
        ],
      },
      { name: "b", tone: "alarm", points: [[0.5, 0.75]], dotted: true },
    ],
    x: { label: "x", ...share },
    y: { label: "y", ...share },
    hasDiagonal: true,
    mark: { x: 0.75, label: "here" },
  };
  const layout = layoutXy(data, SIZE);

  test("each point has a place of its own, and the places fill the frame", () => {
    expect(layout.xs).toEqual([0, 0.5, 1]);
    const ends = layout.hits.map((hit) => hit.x + hit.width);
    expect(layout.hits[0]?.x).toBe(layout.frame.left);
    expect(ends.at(-1)).toBeCloseTo(layout.frame.right, 9);
    expect(layout.hits[1]?.x).toBeCloseTo(ends[0] ?? 0, 9);
  });

  test("a point is read from the curves that have it", () => {
    expect(readXy(data, layout, 1)).toEqual({
      heading: "x 0.5",
      rows: [
        ["a", "0.25"],
        ["b", "0.75"],
      ],
    });
    expect(readXy(data, layout, 2).rows).toEqual([["a", "1"]]);
  });

  test("the picture has a title, a description, and no number that is none", () => {
    const text = { title: "A title", desc: "What it shows." };
    const svg = renderToString(<XyChart data={data} layout={layout} text={text} active={1} />);
    expect(svg).toContain("A title</title>");
    expect(svg).toContain("What it shows.</desc>");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("a confusion matrix", () => {
  const data = {
    classes: ["cat", "dog"],
    cells: [
      [3, 1],
      [0, 4],
    ],
  };

  test("a cell is read as a count and a share of its actual class", () => {
    expect(readConfusion(data, 1)).toEqual({
      heading: "cat, predicted dog",
      rows: [
        ["Rows", "1"],
        ["Of cat", "25%"],
      ],
    });
  });

  test("cells fit the width, however many there are", () => {
    const classes = Array.from({ length: 25 }, (_, i) => `class ${i}`);
    const { hits, size } = layoutConfusion({ classes, cells: [] }, 420);
    expect(hits).toHaveLength(625);
    for (const { x, y, width, height } of hits) {
      expect(x + width).toBeLessThanOrEqual(size.width);
      expect(y + height).toBeLessThanOrEqual(size.height);
    }
  });
});

describe("intervals", () => {
  const data = {
    rows: [
      { name: "new", value: 0.02, interval: [-0.01, 0.05] as const, tone: "main" as const },
      {
        name: "newer",
        value: 0.04,
        interval: null,
        marks: [{ name: "Realized", value: 0.1, shape: "cross" as const }],
        tone: "second" as const,
      },
    ],
    format: String,
    line: 0,
  };

  test("every value, every end and the line are on the scale", () => {
    const { x, left, right } = layoutIntervals(data, 400);
    for (const value of [-0.01, 0, 0.05, 0.1]) {
      expect(x(value)).toBeGreaterThanOrEqual(left);
      expect(x(value)).toBeLessThanOrEqual(right);
    }
  });

  test("a row is read with its interval and its marks", () => {
    expect(readIntervals(data, 0).rows).toEqual([
      ["Estimate", "0.02"],
      ["Interval", "-0.01 to 0.05"],
    ]);
    expect(readIntervals(data, 1).rows).toEqual([
      ["Estimate", "0.04"],
      ["Realized", "0.1"],
    ]);
  });

  test("equal values are drawn, not divided by", () => {
    const one = {
      ...data,
      line: undefined,
      rows: [{ name: "a", value: 2, interval: null, tone: "main" as const }],
    };
    const { line: _, ...without } = one;
    const layout = layoutIntervals(without, 400);
    const svg = renderToString(
      <Intervals data={without} layout={layout} text={{ title: "t", desc: "d" }} active={null} />,
    );
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
