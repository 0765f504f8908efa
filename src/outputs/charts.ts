import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

import type { Bars, Chart, Curve, HeatMap, ShownColumn } from "../section.js";
import type { Table } from "../table.js";
import { formatShort, formatValue, isMissing, type Locale } from "../format.js";
import { escapeHtml } from "./markup.js";
import { renderNetwork } from "./network-picture.js";
import { fitLines, fitText, textWidth } from "./text-width.js";
import { renderTreePicture } from "./tree-picture.js";

/** Steps of the heat map's colour, from `--heat-1` (least) to `--heat-7` (most), defined by the page. */
export const HEAT_STEPS = 7;

const WIDTH = 460;
/** A heat map with more columns than this takes the width of the page. */
export const NARROW_COLUMNS = 8;
const FULL_WIDTH = 1000;
const FONT_SIZE = 13;
const CELL_HEIGHT = 54;
/** A bar with its gap, and one whose name takes two lines. */
const [BAR_HEIGHT, HIGH_BAR] = [32, 42];
const WIDEST_LABEL = 190;
const AXIS_GAP = 10;
const LEAST_LETTERS = 10.5;
const AXIS = {
  tickSize: 0,
  tickPadding: AXIS_GAP,
  label: null,
  fill: "var(--ink)",
  textOverflow: "ellipsis",
} as const;

/**
 * A chart as an inline SVG. Colours are the page's own variables (`--ink`, `--muted`, `--accent`,
 * `--empty`, `--heat-1` … `--heat-7` with `--heat-ink-1` …, `--below-1` … likewise), so it follows light, dark and print.
 */
export function renderChart(chart: Chart, locale: Locale): string {
  if (chart.kind === "tree") return renderTreePicture(chart, locale);
  if (chart.kind === "network") return renderNetwork(chart, locale);
  if (chart.kind === "heat-map") return renderHeatMap(chart, locale);
  return chart.kind === "bars" ? renderBars(chart, locale) : renderCurve(chart, locale);
}

interface HeatCell {
  readonly x: string;
  readonly y: string;
  readonly value: string;
  readonly detail: string;
  readonly fill: string;
  readonly ink: string;
}

function renderHeatMap(chart: HeatMap, locale: Locale): string {
  const cells = heatCells(chart, locale);
  const xs = ordinals(chart.rows, chart.x, locale);
  const ys = ordinals(chart.rows, chart.y, locale).reverse();
  const labelWidth = Math.min(widest(ys), WIDEST_LABEL);
  const isWide = xs.length > NARROW_COLUMNS;
  const width = isWide ? FULL_WIDTH : WIDTH;
  const columnWidth = (width - labelWidth - AXIS_GAP) / xs.length;
  return svgOf({
    width,
    className: isWide ? "chart wide" : "chart",
    label: [chart.title, ...cells.map((cell) => cellLabel(chart, cell))].join("; "),
    height: ys.length * CELL_HEIGHT + 76,
    marginTop: 24,
    marginBottom: 52,
    marginLeft: labelWidth + AXIS_GAP,
    marginRight: 1,
    x: { type: "band", domain: xs, padding: 0.04, axis: null },
    y: { type: "band", domain: ys, padding: 0.04, axis: null },
    marks: [
      ...emptyMarks(emptyPlaces(cells, xs, ys)),
      ...heatMarks(cells, Math.min(15, columnWidth / LETTERS_A_CELL)),
      Plot.axisX({ ...AXIS, lineWidth: columnWidth / FONT_SIZE, ...axisLetters(xs, columnWidth) }),
      Plot.axisY({ ...AXIS, tickFormat: fitLabel, textOverflow: null }),
      axisTitle(`${chart.y.title} ↑`, {
        frameAnchor: "top-left",
        textAnchor: "start",
        dx: -labelWidth - AXIS_GAP,
        dy: -14,
      }),
      axisTitle(`${chart.x.title} →`, { frameAnchor: "bottom-right", textAnchor: "end", dy: 46 }),
    ],
  });
}

/** Headings too wide for their columns in smaller letters, which are cut where even those are too wide. */
function axisLetters(xs: readonly string[], columnWidth: number) {
  const room = columnWidth - 6;
  const fontSize = Math.max(LEAST_LETTERS, Math.min(FONT_SIZE, (FONT_SIZE * room) / widest(xs)));
  return { fontSize, tickFormat: (text: string) => fitText(text, fontSize, room), textOverflow: null };
}

type Place = Pick<HeatCell, "x" | "y">;

/** Where the map has no row. */
function emptyPlaces(cells: readonly HeatCell[], xs: readonly string[], ys: readonly string[]): Place[] {
  const taken = new Set(cells.map((cell) => `${cell.x}\n${cell.y}`));
  return ys.flatMap((y) => xs.filter((x) => !taken.has(`${x}\n${y}`)).map((x) => ({ x, y })));
}

function emptyMarks(places: readonly Place[]): Plot.Markish[] {
  const at = { x: "x", y: "y" } as const;
  return [
    Plot.cell(places, {
      ...at,
      rx: 4,
      fill: "var(--empty)",
      stroke: "var(--muted)",
      strokeOpacity: 0.6,
      strokeDasharray: "3 3",
      inset: 0.5,
    }),
    Plot.text(places, { ...at, text: () => "–", fill: "var(--muted)" }),
  ];
}

/** A cell has room for so many letters, each about as wide as high. */
const LETTERS_A_CELL = 3.2;

function heatMarks(cells: readonly HeatCell[], fontSize: number): Plot.Markish[] {
  const at = { x: "x", y: "y", fill: (cell: HeatCell) => cell.ink } as const;
  const hasDetail = cells.some((cell) => cell.detail !== "");
  return [
    Plot.cell(cells, { x: "x", y: "y", rx: 4, fill: (cell: HeatCell) => cell.fill }),
    Plot.text(cells, { ...at, text: "value", fontWeight: 600, fontSize, dy: hasDetail ? -8 : 0 }),
    ...(hasDetail ? [Plot.text(cells, { ...at, text: "detail", fontSize: 12, dy: 10 })] : []),
  ];
}

function axisTitle(text: string, options: Plot.TextOptions): Plot.Markish {
  return Plot.text([text], {
    ...options,
    text: (title: string) => title,
    fill: "var(--muted)",
    fontSize: 12,
  });
}

function cellLabel(chart: HeatMap, cell: HeatCell): string {
  const place = `${chart.x.title} ${cell.x}, ${chart.y.title} ${cell.y}`;
  return `${place}: ${[cell.value, cell.detail].filter((text) => text !== "").join(", ")}`;
}

function heatCells(chart: HeatMap, locale: Locale): HeatCell[] {
  const [x, y, values] = [chart.x, chart.y, chart.value].map((column) => columnOf(chart.rows, column)) as [
    unknown[],
    unknown[],
    unknown[],
  ];
  const details = chart.detail === undefined ? [] : columnOf(chart.rows, chart.detail);
  const stepOf = heatScale(values);
  return values.map((value, row) => ({
    x: formatValue(x[row], chart.x.format, locale),
    y: formatValue(y[row], chart.y.format, locale),
    value: formatShort(value, chart.value.format, locale),
    detail: chart.detail === undefined ? "" : formatShort(details[row], chart.detail.format, locale),
    fill: isMissing(value) ? "var(--empty)" : `var(--${sideOf(value)}-${stepOf(value)})`,
    ink: isMissing(value) ? "var(--muted)" : `var(--${sideOf(value)}-ink-${stepOf(value)})`,
  }));
}

/** The colours of a value: those above nothing, or those below. */
const sideOf = (value: unknown) => (Number(value) < 0 ? "below" : "heat");

/**
 * Steps of value between the least and the most, finer below, so that one huge cell leaves the others distinct; where
 * values are on both sides of 0, steps of their distance from it.
 */
function heatScale(values: readonly unknown[]): (value: unknown) => number {
  const known = values.filter((value) => !isMissing(value)).map(Number);
  if (known.some((value) => value < 0)) {
    const stepOf = heatScale([0, ...known.map(Math.abs)]);
    return (value) => stepOf(Math.abs(Number(value)));
  }
  const least = Math.min(...known);
  const spread = Math.max(...known) - least;
  return (value) =>
    spread === 0
      ? 1
      : Math.min(HEAT_STEPS, 1 + Math.floor(((Number(value) - least) / spread) ** 0.7 * HEAT_STEPS));
}

/** The axis's values: numbers ascending, anything else in order of first appearance. */
function ordinals(rows: Table, column: ShownColumn, locale: Locale): string[] {
  const values = [...new Set(columnOf(rows, column))];
  if (values.every((value) => typeof value === "number")) values.sort((a, b) => Number(a) - Number(b));
  return values.map((value) => formatValue(value, column.format, locale));
}

interface Bar {
  readonly row: number;
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

function renderBars(chart: Bars, locale: Locale): string {
  const bars = barsOf(chart, locale);
  const labelWidth = Math.min(widest(bars.map((bar) => bar.label)), WIDEST_LABEL);
  const valueWidth = widest(bars.map((bar) => bar.text)) + 8;
  const hasNegative = bars.some((bar) => bar.value < 0);
  const labelOf = (row: number): string => fitLabel(bars[row]?.label ?? "");
  const hasLines = bars.some(({ row }) => labelOf(row).includes("\n"));
  return svgOf({
    label: [chart.title, ...bars.map((bar) => `${bar.label}: ${bar.text}`)].join("; "),
    height: bars.length * (hasLines ? HIGH_BAR : BAR_HEIGHT) + 12,
    marginTop: 4,
    marginBottom: 8,
    marginLeft: labelWidth + AXIS_GAP,
    marginRight: 1,
    x: {
      axis: null,
      domain: barDomain(bars),
      insetRight: valueWidth,
      insetLeft: hasNegative ? valueWidth : 0,
    },
    y: { type: "band", domain: bars.map((bar) => bar.row), padding: 0.36, axis: null },
    marks: [
      Plot.barX(bars, { x: "value", y: "row", fill: "var(--accent-bar)", rx: 2 }),
      ...barTexts(bars),
      Plot.ruleX([0], { stroke: "var(--muted)", strokeWidth: 1 }),
      Plot.axisY({ ...AXIS, tickFormat: labelOf, textOverflow: null }),
    ],
  });
}

function barsOf(chart: Bars, locale: Locale): Bar[] {
  const labels = columnOf(chart.rows, chart.label);
  return columnOf(chart.rows, chart.value).map((value, row) => ({
    row,
    label: formatValue(labels[row], chart.label.format, locale),
    value: isMissing(value) ? 0 : Number(value),
    text: formatShort(value, chart.value.format, locale),
  }));
}

function barTexts(bars: readonly Bar[]): Plot.Markish[] {
  const common = { x: "value", y: "row", text: "text", fill: "var(--ink)" } as const;
  return [
    Plot.text(
      bars.filter((bar) => bar.value >= 0),
      { ...common, textAnchor: "start", dx: 6 },
    ),
    Plot.text(
      bars.filter((bar) => bar.value < 0),
      { ...common, textAnchor: "end", dx: -6 },
    ),
  ];
}

/** Bars start at zero, and a chart of zeros still has a width. */
function barDomain(bars: readonly Bar[]): [number, number] {
  const values = bars.map((bar) => bar.value);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  return least === most ? [0, 1] : [least, most];
}

interface CurvePoint {
  readonly line: string;
  readonly x: number;
  readonly y: number;
}

const CURVE_HEIGHT = 300;
const CURVE_MARGINS = { marginTop: 30, marginBottom: 52 } as const;
const TICKS = 5;
/** How each further line is told from the first. */
const DASHES = ["none", "7 4", "2 3", "9 3 2 3"] as const;
/** Colours that stay apart for the colour-blind too, light and dark by turns. */
const STROKES = ["var(--accent-bar)", "var(--line-2)", "var(--line-3)", "var(--line-4)"] as const;

function renderCurve(chart: Curve, locale: Locale): string {
  const points = curvePoints(chart, locale);
  const lines = [...new Set(points.map(({ line }) => line))];
  const [x, y] = [axisDomain(points, "x"), axisDomain(points, "y")];
  const nameWidth = Math.min(widest(lines), WIDEST_NAME);
  const tickY = (value: number): string => tickText(value, chart.y, locale);
  const labelWidth = widest(y.map(tickY)) + 8;
  return svgOf({
    label: [chart.title, ...curveLabels(chart, points, locale)].join("; "),
    width: WIDTH + Math.max(0, nameWidth - ROOM_FOR_NAMES),
    height: CURVE_HEIGHT,
    ...CURVE_MARGINS,
    marginLeft: labelWidth + AXIS_GAP,
    marginRight: lines.length > 1 || nameWidth > 2 ? nameWidth + SAMPLE + 14 : 20,
    x: { domain: x, axis: null },
    y: { domain: y, axis: null },
    marks: [
      Plot.gridY({ ticks: TICKS, stroke: "var(--rule)", strokeOpacity: 1 }),
      Plot.ruleY([0], { stroke: "var(--muted)" }),
      ...(chart.hasDiagonal === true ? [diagonal(x, y)] : []),
      ...lines.flatMap((line, place) => lineMarks(points, { line, place })),
      ...lineNames(points, y, nameWidth),
      Plot.axisX({ ...AXIS, ticks: TICKS, tickFormat: (value: number) => tickText(value, chart.x, locale) }),
      Plot.axisY({ ...AXIS, ticks: TICKS, tickFormat: tickY }),
      axisTitle(`${chart.y.title} ↑`, {
        frameAnchor: "top-left",
        textAnchor: "start",
        dx: -labelWidth,
        dy: -18,
      }),
      axisTitle(`${chart.x.title} →`, { frameAnchor: "bottom-right", textAnchor: "end", dy: 46 }),
    ],
  });
}

function lineMarks(
  points: readonly CurvePoint[],
  { line, place }: { line: string; place: number },
): Plot.Markish[] {
  return [
    Plot.line(
      points.filter((point) => point.line === line),
      {
        x: "x",
        y: "y",
        stroke: STROKES[place % STROKES.length]!,
        strokeWidth: 2.5,
        strokeDasharray: DASHES[place % DASHES.length]!,
      },
    ),
  ];
}

const LABEL_GAP = 17;
const WIDEST_NAME = 220;
/** Names wider than this make the chart wider. */
const ROOM_FOR_NAMES = 150;
/** How long a piece of its line stands before its name. */
const SAMPLE = 22;

/** The name of each line right of its end behind a piece of the line; names that would cover each other move apart. */
function lineNames(
  points: readonly CurvePoint[],
  y: readonly [number, number],
  nameWidth: number,
): Plot.Markish[] {
  const plotHeight = CURVE_HEIGHT - CURVE_MARGINS.marginTop - CURVE_MARGINS.marginBottom;
  const pixelOf = (value: number) => ((y[1] - value) / (y[1] - y[0])) * plotHeight;
  const lines = [...new Set(points.map(({ line }) => line))];
  const ends = [...new Map(points.map((point) => [point.line, point])).values()]
    .filter(({ line }) => line !== "")
    .toSorted((a, b) => b.y - a.y);
  let lowest = -Infinity;
  return ends.flatMap((end) => {
    lowest = Math.max(pixelOf(end.y), lowest + LABEL_GAP);
    const place = lines.indexOf(end.line);
    const at = { y: "y", frameAnchor: "right", dy: lowest - pixelOf(end.y) } as const;
    return [
      Plot.vector([end], {
        ...{ ...at, dx: 6 + SAMPLE / 2, rotate: 90, length: SAMPLE, shape: SAMPLE_SHAPE },
        ...{ stroke: STROKES[place % STROKES.length]!, strokeWidth: 2.5 },
        strokeDasharray: DASHES[place % DASHES.length]!,
      }),
      Plot.text([end], {
        ...{ ...at, textAnchor: "start", dx: 10 + SAMPLE, fill: "var(--ink)" },
        text: ({ line }: CurvePoint) => fitText(line, FONT_SIZE, nameWidth),
      }),
    ];
  });
}

/** A plain stroke, without the arrow's head. */
const SAMPLE_SHAPE: Plot.VectorShapeImplementation = {
  draw: (context, length) => {
    context.moveTo(0, 0);
    context.lineTo(0, -length);
  },
};

/** From the lower corner of the axes to where y = x leaves them. */
function diagonal(x: readonly [number, number], y: readonly [number, number]): Plot.Markish {
  const [from, to] = [Math.max(x[0], y[0]), Math.min(x[1], y[1])];
  const ends = [from, to].map((value) => ({ x: value, y: value }));
  return Plot.line(ends, {
    x: "x",
    y: "y",
    stroke: "var(--muted)",
    strokeWidth: 1.2,
    strokeDasharray: "4 4",
  });
}

function curvePoints(chart: Curve, locale: Locale): CurvePoint[] {
  const xs = columnOf(chart.rows, chart.x);
  const ys = columnOf(chart.rows, chart.y);
  const lines = chart.line === undefined ? [] : columnOf(chart.rows, chart.line);
  return xs.flatMap((x, row) => {
    if (isMissing(x) || isMissing(ys[row])) return [];
    const line = chart.line === undefined ? "" : formatValue(lines[row], chart.line.format, locale);
    return [{ line, x: Number(x), y: Number(ys[row]) }];
  });
}

/** Axes hold zero and the data; one without data goes from 0 to 1. */
function axisDomain(points: readonly CurvePoint[], axis: "x" | "y"): [number, number] {
  const values = points.map((point) => point[axis]);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  return least === most ? [0, 1] : [least, most];
}

function tickText(value: number, column: ShownColumn, locale: Locale): string {
  return column.format === "percent"
    ? `${Math.round(value * 100)}%`
    : formatShort(value, column.format, locale);
}

/** For readers who cannot see it: each line at its ends and highest. */
function curveLabels(chart: Curve, points: readonly CurvePoint[], locale: Locale): string[] {
  const lines = [...new Set(points.map(({ line }) => line))];
  return lines.map((line) => {
    const own = points.filter((point) => point.line === line);
    const highest = own.reduce((best, point) => (point.y > best.y ? point : best));
    const told = [...new Set([own[0]!, highest, own.at(-1)!])].map(
      ({ x, y }) =>
        `${chart.x.title} ${formatValue(x, chart.x.format, locale)}: ${formatShort(y, chart.y.format, locale)}`,
    );
    return [line, told.join(", ")].filter((text) => text !== "").join(" – ");
  });
}

function columnOf(rows: Table, column: ShownColumn): unknown[] {
  const vector = rows.getChild(column.name);
  if (vector === null) throw new Error(`chart: no column ${column.name}`);
  return [...vector];
}

/** A label on two lines at most, as far as there is room for it. */
const fitLabel = (text: string): string => fitLines(text, FONT_SIZE, WIDEST_LABEL).join("\n");

/** Width in pixels of the widest text. */
function widest(texts: readonly string[]): number {
  return 2 + Math.ceil(Math.max(0, ...texts.map((text) => textWidth(text, FONT_SIZE))));
}

/** `className` is set because Plot's own is random; without a title or caption Plot gives a bare SVG. */
function svgOf(options: Plot.PlotOptions & { readonly label: string }): string {
  const { label, width = WIDTH, className = "chart", ...plotOptions } = options;
  const { document } = parseHTML("<html></html>");
  const svg = Plot.plot({
    ...plotOptions,
    document,
    width,
    className: "chart",
    color: { type: "identity" },
  });
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  svg.setAttribute("font-size", String(FONT_SIZE));
  svg.setAttribute("font-family", "inherit");
  svg.setAttribute("class", className);
  return svg.outerHTML.replace("<svg", () => `<svg role="img" aria-label="${escapeHtml(label)}"`);
}
