import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

import type { Bars, Chart, HeatMap, ShownColumn } from "../section.js";
import type { Table } from "../table.js";
import { formatShort, formatValue, isMissing, type Locale } from "../format.js";
import { escapeHtml } from "./markup.js";

/** Steps of the heat map's colour, from `--heat-1` (least) to `--heat-7` (most), defined by the page. */
export const HEAT_STEPS = 7;

const WIDTH = 460;
const FONT_SIZE = 13;
const CELL_HEIGHT = 54;
const BAR_HEIGHT = 32;
const WIDEST_LABEL = 190;
const AXIS_GAP = 10;
const AXIS = {
  tickSize: 0,
  tickPadding: AXIS_GAP,
  label: null,
  fill: "var(--ink)",
  textOverflow: "ellipsis",
} as const;

/**
 * A chart as an inline SVG. Colours are the page's own variables (`--ink`, `--muted`, `--accent`,
 * `--empty`, `--heat-1` … `--heat-7` with `--heat-ink-1` …), so it follows light, dark and print.
 */
export function renderChart(chart: Chart, locale: Locale): string {
  return chart.kind === "heat-map" ? renderHeatMap(chart, locale) : renderBars(chart, locale);
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
  return svgOf({
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
      ...heatMarks(cells),
      Plot.axisX({ ...AXIS, lineWidth: WIDTH / xs.length / FONT_SIZE }),
      Plot.axisY({ ...AXIS, lineWidth: WIDEST_LABEL / FONT_SIZE }),
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

function heatMarks(cells: readonly HeatCell[]): Plot.Markish[] {
  const at = { x: "x", y: "y", fill: (cell: HeatCell) => cell.ink } as const;
  const hasDetail = cells.some((cell) => cell.detail !== "");
  return [
    Plot.cell(cells, { x: "x", y: "y", rx: 4, fill: (cell: HeatCell) => cell.fill }),
    Plot.text(cells, { ...at, text: "value", fontWeight: 600, fontSize: 15, dy: hasDetail ? -8 : 0 }),
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
    fill: isMissing(value) ? "var(--empty)" : `var(--heat-${stepOf(value)})`,
    ink: isMissing(value) ? "var(--muted)" : `var(--heat-ink-${stepOf(value)})`,
  }));
}

/** Steps of value between the least and the most, finer below, so that one huge cell leaves the others distinct. */
function heatScale(values: readonly unknown[]): (value: unknown) => number {
  const known = values.filter((value) => !isMissing(value)).map(Number);
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
  const labelOf = (row: number): string => bars[row]?.label ?? "";
  return svgOf({
    label: [chart.title, ...bars.map((bar) => `${bar.label}: ${bar.text}`)].join("; "),
    height: bars.length * BAR_HEIGHT + 12,
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
      Plot.axisY({ ...AXIS, tickFormat: labelOf, lineWidth: WIDEST_LABEL / FONT_SIZE }),
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

function columnOf(rows: Table, column: ShownColumn): unknown[] {
  const vector = rows.getChild(column.name);
  if (vector === null) throw new Error(`chart: no column ${column.name}`);
  return [...vector];
}

/** Width in pixels of the widest text: a Chinese character is a full square, a Latin one somewhat over half. */
function widest(texts: readonly string[]): number {
  const widthOf = (text: string): number =>
    [...text].reduce((sum, character) => sum + (character > "\u2e7f" ? FONT_SIZE : FONT_SIZE * 0.55), 0);
  return Math.ceil(Math.max(0, ...texts.map(widthOf)));
}

/** `className` is set because Plot's own is random; without a title or caption Plot gives a bare SVG. */
function svgOf(options: Plot.PlotOptions & { readonly label: string }): string {
  const { label, ...plotOptions } = options;
  const { document } = parseHTML("<html></html>");
  const svg = Plot.plot({
    ...plotOptions,
    document,
    width: WIDTH,
    className: "chart",
    color: { type: "identity" },
  });
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  svg.setAttribute("font-size", String(FONT_SIZE));
  svg.setAttribute("font-family", "inherit");
  return svg.outerHTML.replace("<svg", () => `<svg role="img" aria-label="${escapeHtml(label)}"`);
}
