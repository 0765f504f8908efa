import { tableFromArrays } from "apache-arrow";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";

import { renderChart } from "../../src/outputs/charts.js";
import type { Bars, Curve, HeatMap } from "../../src/section.js";
import type { Table } from "../../src/table.js";

const locale = { language: "en", currency: "USD" } as const;

const heatMap: HeatMap = {
  kind: "heat-map",
  title: "客户分布 <b>",
  rows: tableFromArrays({
    r: [1, 2, 2],
    f: [1, 1, 2],
    n: [10, 400, 50],
    m: [100, 20_000, 300],
  }) as unknown as Table,
  x: { name: "r", title: "最近购买", format: "integer" },
  y: { name: "f", title: "频率", format: "integer" },
  value: { name: "n", title: "客户数", format: "integer" },
  detail: { name: "m", title: "金额", format: "money" },
};

const bars = (values: readonly number[], labels = values.map((_, index) => `label ${index}`)): Bars => ({
  kind: "bars",
  title: "Sales",
  rows: tableFromArrays({ label: labels, value: values.map(Number) }) as unknown as Table,
  label: { name: "label", title: "Segment", format: "text" },
  value: { name: "value", title: "Sales", format: "money" },
});

const curve: Curve = {
  kind: "curve",
  title: "Whale",
  rows: tableFromArrays({
    x: [0, 0.5, 1, 0, 0.5, 1],
    y: [0, 1.2, 1, 0, 0.4, 0.9],
    line: ["now", "now", "now", "before <i>", "before <i>", "before <i>"],
  }) as unknown as Table,
  x: { name: "x", title: "Customers", format: "percent" },
  y: { name: "y", title: "Contribution", format: "percent" },
  line: { name: "line", title: "Year", format: "text" },
  hasDiagonal: true,
};

/** Ends and turns of each line drawn, in pixels. */
function linesOf(svg: string): [number, number][][] {
  return [...parse(svg).querySelectorAll("path")]
    .filter((path) => path.getAttribute("transform") === null)
    .map((path) => path.getAttribute("d") ?? "")
    .filter((d) => d.startsWith("M"))
    .map((d) =>
      [...d.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as [number, number]),
    );
}

function textsOf(svg: string): string[] {
  return [...parse(svg).querySelectorAll("text")].map((text) => text.textContent ?? "");
}

function parse(svg: string) {
  return parseHTML(`<body>${svg}</body>`).document;
}

function rectsOf(svg: string): { x: number; width: number; fill: string; dashes: string | null }[] {
  return [...parse(svg).querySelectorAll("rect")].map((rect) => ({
    x: Number(rect.getAttribute("x")),
    width: Number(rect.getAttribute("width")),
    fill: rect.getAttribute("fill") ?? rect.parentElement?.getAttribute("fill") ?? "",
    dashes: rect.parentElement?.getAttribute("stroke-dasharray") ?? null,
  }));
}

describe("every chart", () => {
  test.each([heatMap, bars([1, 2]), curve])("is the same bytes every time: $kind", (chart) => {
    expect(renderChart(chart, locale)).toBe(renderChart(chart, locale));
  });

  test("is one image with a name that tells its values", () => {
    const svg = parse(renderChart(heatMap, locale)).querySelector("svg");
    expect(svg?.getAttribute("role")).toBe("img");
    expect(svg?.getAttribute("aria-label")).toContain("客户分布");
    expect(svg?.getAttribute("aria-label")).toContain("最近购买 2, 频率 1: 400, $20K");
  });

  test("cannot be broken out of by its data", () => {
    const svg = renderChart(bars([3], ["<script>alert(1)</script>"]), locale);
    expect(svg).not.toContain("<script");
    expect(textsOf(svg)).toContain("<script>alert(1)</script>");
    expect(renderChart(heatMap, locale)).not.toContain("<b>");
  });

  test("takes all its colours from the page, so that dark mode and print apply", () => {
    const svg = [heatMap, bars([1, -2]), curve].map((chart) => renderChart(chart, locale)).join("");
    expect(svg).not.toMatch(/(fill|stroke)="(#|rgb|black|white|steelblue)/);
    expect(svg).not.toContain("<style");
  });

  test("without rows is still a chart", () => {
    expect(renderChart(bars([]), locale)).toContain("<svg");
    expect(renderChart({ ...heatMap, rows: heatMap.rows.slice(0, 0) }, locale)).toContain("<svg");
    expect(renderChart({ ...curve, rows: curve.rows.slice(0, 0) }, locale)).toContain("<svg");
  });
});

describe("a heat map", () => {
  test("of values on both sides of 0 has a colour for each side, as strong as they are far from it", () => {
    const rows = tableFromArrays({
      r: [1, 2, 3, 4],
      f: [1, 1, 1, 1],
      n: [-3, -0.1, 0.1, 3],
      m: [1, 1, 1, 1],
    }) as unknown as Table;
    const fills = rectsOf(renderChart({ ...heatMap, rows }, locale)).map((rect) => rect.fill);
    expect(fills).toEqual(["below-7", "below-1", "heat-1", "heat-7"].map((colour) => `var(--${colour})`));
  });

  test("prints value and detail in its cells and both axis titles", () => {
    const texts = textsOf(renderChart(heatMap, locale));
    expect(texts).toEqual(expect.arrayContaining(["10", "$100", "400", "$20K", "50", "$300"]));
    expect(texts.join(" ")).toMatch(/频率 ↑.*最近购买 →|最近购买 →.*频率 ↑/);
  });

  test("shows a cell without customers as an empty outline", () => {
    const empty = rectsOf(renderChart(heatMap, locale)).filter((rect) => rect.dashes !== null);
    expect(empty).toHaveLength(1);
    expect(textsOf(renderChart(heatMap, locale))).toContain("–");
  });

  test("is darkest where the value is highest and palest where it is lowest", () => {
    const fills = rectsOf(renderChart(heatMap, locale))
      .filter((rect) => rect.dashes === null)
      .map((rect) => rect.fill);
    expect(fills[0]).toBe("var(--heat-1)");
    expect(fills[1]).toBe("var(--heat-7)");
  });

  test("orders numeric scores by value and names by appearance", () => {
    const named: HeatMap = {
      ...heatMap,
      rows: tableFromArrays({
        r: [10, 9, 2],
        f: ["high", "low", "high"],
        n: [1, 2, 3],
        m: [1, 2, 3],
      }) as unknown as Table,
      y: { name: "f", title: "f", format: "text" },
    };
    const texts = textsOf(renderChart(named, locale));
    expect(texts.filter((text) => ["2", "9", "10"].includes(text)).slice(-3)).toEqual(["2", "9", "10"]);
  });
});

describe("bars", () => {
  test("keep the order of the rows and are as long as their values", () => {
    const [first, second] = rectsOf(renderChart(bars([10, 20]), locale));
    expect((second?.width ?? 0) / (first?.width ?? 1)).toBeCloseTo(2, 5);
    expect(textsOf(renderChart(bars([10, 20]), locale))).toEqual(
      expect.arrayContaining(["$10", "$20", "label 0", "label 1"]),
    );
  });

  test("grow to the left of zero when negative", () => {
    const [gain, loss] = rectsOf(renderChart(bars([10, -10]), locale));
    expect((loss?.x ?? 0) + (loss?.width ?? 0)).toBeCloseTo(gain?.x ?? 0, 5);
  });

  test("with equal labels stay apart", () => {
    expect(rectsOf(renderChart(bars([1, 2], ["same", "same"]), locale))).toHaveLength(2);
  });
});

describe("a curve", () => {
  const svg = renderChart(curve, locale);

  test("goes through its points, higher where the value is higher, one line a name", () => {
    const [diagonal, now, before] = linesOf(svg);
    expect(linesOf(svg)).toHaveLength(3);
    expect(now).toHaveLength(3);
    expect(now![1]![1]).toBeLessThan(now![2]![1]);
    expect(now![1]![0]).toBeCloseTo((now![0]![0] + now![2]![0]) / 2, 6);
    expect(before![2]![1]).toBeGreaterThan(now![2]![1]);
    expect(diagonal![1]).toEqual(now![2]);
  });

  test("names its lines and axes, and tells its ends and its height to those who cannot see it", () => {
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(["now", "before <i>", "Customers →", "Contribution ↑"]),
    );
    const label = parse(svg).querySelector("svg")?.getAttribute("aria-label");
    expect(label).toContain("now – Customers 0.0%: 0.0%, Customers 50.0%: 120.0%, Customers 100.0%: 100.0%");
    expect(svg).not.toContain("<i>");
  });

  test("leaves out what is missing, and needs no name when there is one line", () => {
    const rows = tableFromArrays({ x: [0, 0.5, 1], y: [0, Number.NaN, 1] }) as unknown as Table;
    const { kind, title, x, y } = curve;
    const [drawn] = linesOf(renderChart({ kind, title, x, y, rows }, locale));
    expect(drawn).toHaveLength(2);
  });
});
