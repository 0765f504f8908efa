import { formatShort, formatValue, type Locale } from "../format.js";
import type { TreePicture, TreePictureNode } from "../section.js";
import { harmless } from "../tell.js";
import { escapeHtml } from "./markup.js";
import { PALETTES } from "./report-style.js";
import { fitLines, fitText, textWidth } from "./text-width.js";

const FONT_SIZE = 13;
const SMALL = 11.5;
const LINE = 15;
const BAR = 6;
/** Between a bar and its text, and between a text and the next bar. */
const GAP = 7;
/** The widest a column of texts may be: the first at which the picture fits on a page, else the last. */
const COLUMN_WIDTHS = [180, 160, 145, 130] as const;
const NARROWEST = 64;
const PAGE_WIDTH = 1180;
/** Of what a leaf stands for, which may take two lines. */
const WIDEST_OUTCOME = 200;
const HEADER = 30;
const LEAST_ROW = 46;
/** How much higher a leaf's row is than its branch is thick. */
const ROW_MARGIN = 12;
/** How thick all customers together are, for each leaf and at most. */
const [THICKNESS_A_LEAF, MOST_THICKNESS] = [14, 200];
const LEAST_THICKNESS = 1.5;
const HEAT_STEPS = 7;
/** Around a picture that stands on its own. */
const MARGIN = 24;
const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/**
 * A tree from left to right as an inline SVG: branches as thick as the customers on them are many, the darker
 * the more of them leave; the figures of each leaf stand at its end. Colours are the page's own variables.
 */
export function renderTreePicture(picture: TreePicture, locale: Locale): string {
  const { markup, width, height, spoken } = draw(picture, locale);
  const attributes = `class="chart tree" role="img" aria-label="${safe(spoken)}"`;
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="--own-width: ${width}px"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes} ${size} font-size="${FONT_SIZE}" font-family="inherit">${markup}</svg>`;
}

/** The picture as a file of its own: light colours written out, for programs that know no variables, dark ones by style. */
export function treePictureFile(picture: TreePicture, locale: Locale): string {
  const { markup, width, height, spoken } = draw(picture, locale);
  const [light, dark] = [coloursOf(PALETTES.light), coloursOf(PALETTES.dark)];
  const lit = (text: string) => text.replace(VARIABLE, (_, name: string) => light.get(name)!);
  const paper = `<rect x="${-MARGIN}" y="${-MARGIN}" width="100%" height="100%" fill="var(--paper)"/>`;
  const names = new Set(Array.from((paper + markup).matchAll(VARIABLE), ([, name]) => name!));
  const rules = [...names].flatMap((name) =>
    ["fill", "stroke"].map((what) => `[${what}="${light.get(name)}"] { ${what}: ${dark.get(name)}; }`),
  );
  const [fullWidth, fullHeight] = [width + 2 * MARGIN, height + 2 * MARGIN];
  const size = `viewBox="${-MARGIN} ${-MARGIN} ${fullWidth} ${fullHeight}" width="${fullWidth}" height="${fullHeight}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" ${size} font-size="${FONT_SIZE}" font-family="${escapeHtml(FONTS)}">
<title>${safe(picture.title)}</title>
<desc>${safe(spoken)}</desc>
<style>@media (prefers-color-scheme: dark) { ${rules.join(" ")} }</style>
${lit(paper)}${lit(markup)}
</svg>
`;
}

const VARIABLE = /var\(--([\w-]+)\)/g;

const coloursOf = (palette: string): ReadonlyMap<string, string> =>
  new Map(Array.from(palette.matchAll(/--([\w-]+): (#\w+);/g), ([, name, colour]) => [name!, colour!]));

/** Text from data: no markup, and no control characters, which XML has no room for. */
const safe = (text: string) => escapeHtml(harmless(text.replaceAll(/\s+/g, " ")));

function draw(picture: TreePicture, locale: Locale) {
  const figures = figureColumns(picture, locale);
  const layout = layoutOf(picture, figures, locale);
  const markup = [
    ...layout.places.map((place) => branchMarkup(place, layout)),
    ...layout.places.map((place) => barMarkup(place, layout)),
    ...layout.places.map((place) => labelMarkup(place, layout)),
    ...figureMarkup(layout, figures),
  ].join("\n");
  const [width, height] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  return { markup, width, height, spoken: spokenText(picture, figures) };
}

/** A column of figures beside the leaves. */
interface FigureColumn {
  readonly title: string;
  readonly textOf: (node: TreePictureNode) => string;
  readonly linesOf: (node: TreePictureNode) => readonly string[];
  readonly width: number;
}

function figureColumns({ headings, nodes }: TreePicture, locale: Locale): FigureColumn[] {
  const leaves = nodes.filter(({ leaf }) => leaf !== undefined);
  const columnOf = (title: string, textOf: FigureColumn["textOf"]): FigureColumn => {
    const linesOf: FigureColumn["linesOf"] = (node) => fitLines(textOf(node), FONT_SIZE, WIDEST_OUTCOME);
    const widths = leaves.flatMap(linesOf).map((line) => textWidth(line, FONT_SIZE));
    return { title, textOf, linesOf, width: Math.max(textWidth(title, SMALL), ...widths) };
  };
  return [
    columnOf(headings.leaf, ({ leaf }) => String(leaf)),
    columnOf(headings.count, ({ count }) => formatValue(count, "integer", locale)),
    columnOf(headings.risk, ({ risk }) => formatValue(risk, "percent", locale)),
    ...(headings.outcome === undefined ? [] : [columnOf(headings.outcome, ({ outcome = "" }) => outcome)]),
    ...(headings.money === undefined
      ? []
      : [columnOf(headings.money, ({ money }) => formatShort(money, "money", locale))]),
  ];
}

/** Where a node stands: the middle of its bar, its column, and how thick it is. */
interface Place {
  readonly node: TreePictureNode;
  readonly lines: readonly Line[];
  readonly depth: number;
  readonly y: number;
  readonly thickness: number;
  /** Where on its parent's bar its branch begins, from that bar's top. */
  readonly offset: number;
  readonly heat: number;
}

/** A line of a node's text. */
interface Line {
  readonly text: string;
  readonly size: number;
  readonly weight: number;
}

/** How much wider bold letters are. */
const BOLD_WIDTH = 1.1;
const letterSize = ({ size, weight }: Line) => (weight > 400 ? size * BOLD_WIDTH : size);

function linesOf(node: TreePictureNode, locale: Locale): Line[] {
  const figures = `${formatValue(node.count, "integer", locale)} · ${formatValue(node.risk, "percent", locale)}`;
  return [
    { text: node.question, size: SMALL, weight: 400 },
    { text: node.answer, size: FONT_SIZE, weight: 650 },
    { text: node.leaf === undefined ? figures : "", size: SMALL, weight: 400 },
  ].filter(({ text }) => text !== "");
}

interface Layout {
  readonly places: readonly Place[];
  /** Left edge of the bars of each depth, and width of the texts behind them. */
  readonly columns: readonly { readonly x: number; readonly textWidth: number }[];
  readonly figuresAt: number;
  readonly width: number;
  readonly height: number;
}

function layoutOf({ nodes }: TreePicture, figures: readonly FigureColumn[], locale: Locale): Layout {
  const places = placesOf(nodes, locale);
  const figureWidth = figures.reduce((sum, { width }) => sum + width + GAP * 3, 0);
  const [columns, figuresAt] = COLUMN_WIDTHS.map((widest) => columnsOf(places, widest)).find(
    ([, end], place) => place === COLUMN_WIDTHS.length - 1 || end + figureWidth <= PAGE_WIDTH,
  )!;
  const lowest = Math.max(...places.map(({ y, thickness }) => y + Math.max(thickness, LEAST_ROW) / 2));
  return { places, columns, figuresAt, width: figuresAt + figureWidth, height: lowest + ROW_MARGIN / 2 };
}

function placesOf(nodes: readonly TreePictureNode[], locale: Locale): Place[] {
  const childrenOf = nodes.map(() => [] as number[]);
  nodes.forEach(({ parent }, place) => childrenOf[parent]?.push(place));
  const scale = thicknessScale(nodes);
  const heatOf = heatScale(nodes);
  const places: Place[] = [];
  let top = HEADER;
  const put = (place: number, depth: number, offset: number): number => {
    const node = nodes[place]!;
    const thickness = node.count * scale;
    let childOffset = 0;
    const ys = childrenOf[place]!.map((child) => {
      const y = put(child, depth + 1, childOffset);
      childOffset += nodes[child]!.count * scale;
      return y;
    });
    const height = Math.max(LEAST_ROW, thickness + ROW_MARGIN);
    const y = ys.length === 0 ? top + height / 2 : (ys[0]! + ys.at(-1)!) / 2;
    if (ys.length === 0) top += height;
    places[place] = {
      node,
      lines: linesOf(node, locale),
      depth,
      y,
      thickness,
      offset,
      heat: heatOf(node.risk),
    };
    return y;
  };
  put(0, 0, 0);
  return places;
}

function thicknessScale(nodes: readonly TreePictureNode[]): number {
  const leafCount = nodes.filter(({ leaf }) => leaf !== undefined).length;
  return Math.min(MOST_THICKNESS, 20 + THICKNESS_A_LEAF * leafCount) / Math.max(1, nodes[0]!.count);
}

/** Steps of colour between the least and the greatest risk of any node. */
function heatScale(nodes: readonly TreePictureNode[]): (risk: number) => number {
  const risks = nodes.map(({ risk }) => risk);
  const [least, most] = [Math.min(...risks), Math.max(...risks)];
  return (risk) =>
    most === least ? 1 : Math.min(HEAT_STEPS, 1 + Math.floor(((risk - least) / (most - least)) * HEAT_STEPS));
}

/** The columns of texts, none wider than this, and where they end. A leaf before the last column has room to its figures. */
function columnsOf(places: readonly Place[], widest: number): [Layout["columns"], number] {
  const columns: { x: number; textWidth: number }[] = [];
  const deepest = Math.max(...places.map(({ depth }) => depth));
  let x = 0;
  for (let depth = 0; depth <= deepest; depth++) {
    const widths = places
      .filter((place) => place.depth === depth && (depth === deepest || place.node.leaf === undefined))
      .flatMap(({ lines }) => lines.map((line) => textWidth(line.text, letterSize(line))));
    const width = Math.min(widest, Math.max(NARROWEST, ...widths));
    columns.push({ x, textWidth: width });
    x += BAR + GAP + width + GAP * 2;
  }
  return [columns, x];
}

/** The band that leads to a node, and for a leaf on to its figures. */
function branchMarkup({ node, depth, y, thickness, offset, heat }: Place, layout: Layout): string {
  const fill = `fill="var(--heat-${heat})"`;
  const x = layout.columns[depth]!.x;
  const thick = Math.max(LEAST_THICKNESS, thickness);
  const onward =
    node.leaf === undefined
      ? ""
      : `<rect x="${round(x)}" y="${round(y - thick / 2)}" width="${round(layout.figuresAt - x)}" height="${round(thick)}" ${fill}/>`;
  const parent = layout.places[node.parent];
  if (parent === undefined) return onward;
  const from = layout.columns[parent.depth]!.x + BAR;
  const start = parent.y - parent.thickness / 2 + offset;
  const middle = x - (x - from) * 0.42;
  const [top, bottom] = [y - thick / 2, y + thick / 2];
  const path = [
    `M${round(from)} ${round(start)}`,
    `C${round(middle)} ${round(start)} ${round(middle)} ${round(top)} ${round(x)} ${round(top)}`,
    `V${round(bottom)}`,
    `C${round(middle)} ${round(bottom)} ${round(middle)} ${round(start + thick)} ${round(from)} ${round(start + thick)}Z`,
  ];
  return `<path d="${path.join("")}" ${fill}/>${onward}`;
}

function barMarkup({ depth, y, thickness }: Place, { columns }: Layout): string {
  const height = Math.max(thickness, LEAST_THICKNESS);
  return `<rect x="${round(columns[depth]!.x)}" y="${round(y - height / 2)}" width="${BAR}" height="${round(height)}" rx="1" fill="var(--ink)"/>`;
}

/** Question, answer, and where the tree goes on, how many and how many of them leave; on paper, to be read on any colour. */
function labelMarkup({ node, lines, depth, y }: Place, { columns, figuresAt }: Layout): string {
  const { x, textWidth: own } = columns[depth]!;
  const width = node.leaf === undefined ? own : Math.max(own, figuresAt - x - BAR - GAP * 3);
  const at = round(x + BAR + GAP);
  const fitted = lines.map((line) => ({ ...line, text: fitText(line.text, letterSize(line), width) }));
  const top = y - (lines.length * LINE) / 2;
  const texts = fitted.map(
    ({ text, size, weight }, line) =>
      `<text x="${at}" y="${round(top + line * LINE + 11)}" font-size="${size}" font-weight="${weight}" fill="var(--ink)">${safe(text)}</text>`,
  );
  const widest = Math.max(...fitted.map((line) => textWidth(line.text, letterSize(line))));
  const paper = `<rect x="${at - 3}" y="${round(top - 1)}" width="${round(widest + 8)}" height="${lines.length * LINE + 2}" rx="3" fill="var(--paper)" fill-opacity="0.84"/>`;
  const full = [node.question, node.answer].filter((text) => text !== "").join(" ");
  return `<g><title>${safe(full)}</title>${paper}${texts.join("")}</g>`;
}

function figureMarkup({ places, figuresAt }: Layout, figures: readonly FigureColumn[]): string[] {
  const leaves = places.filter(({ node }) => node.leaf !== undefined);
  let right = figuresAt;
  return figures.flatMap(({ title, linesOf, width }) => {
    right += width + GAP * 3;
    const at = `x="${round(right)}" text-anchor="end"`;
    const linesAt = ({ node, y }: Place) =>
      linesOf(node).map((text, line, { length }) => {
        const baseline = y + 4.5 + (line - (length - 1) / 2) * LINE;
        return `<text ${at} y="${round(baseline)}" fill="var(--ink)">${safe(text)}</text>`;
      });
    return [
      `<text ${at} y="${HEADER - 14}" font-size="${SMALL}" fill="var(--muted)">${safe(title)}</text>`,
      ...leaves.flatMap(linesAt),
    ];
  });
}

/** For readers who cannot see it: every leaf with its figures. */
function spokenText({ title, nodes }: TreePicture, figures: readonly FigureColumn[]): string {
  const leaves = nodes.filter(({ leaf }) => leaf !== undefined);
  const told = leaves.map((node) => {
    const values = figures.map((figure) => `${figure.title} ${figure.textOf(node)}`);
    return `${[node.question, node.answer].filter((text) => text !== "").join(" ")}: ${values.join(", ")}`;
  });
  return [title, ...told].join("; ");
}

const round = (value: number) => Math.round(value * 10) / 10;
