import { formatShort, formatValue, type Locale } from "../format.js";
import type { Network } from "../section.js";
import { harmless } from "../tell.js";
import { escapeHtml } from "./markup.js";
import { fitText, textWidth } from "./text-width.js";

const FONT_SIZE = 13;
const WIDEST_LABEL = 170;
const LABEL_GAP = 8;
/** Between two names on one side of the ring, from line to line, in pixels. */
const SPACING = 22;
/** The ring is no wider than this, so that names beside it keep their size on a narrow page. */
const WIDEST_RADIUS = 120;
const [LEAST_RADIUS, MOST_DOT, LEAST_DOT] = [90, 8, 3];
const [THIN, THICK] = [1.2, 4];
const HEAT_STEPS = 7;
/** How far links bend towards the middle of the ring, in parts of the way there, and at most in parts of their own length. */
const [BEND, MOST_BEND] = [0.55, 1.2];
/** Where links with several starts join: the way from the middle of their nodes to that of the ring. */
const [JOINT_WAY, JOINT_DOT] = [0.35, 2.5];

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Spot extends Point {
  readonly isRight: boolean;
  readonly dot: number;
}

/**
 * A network as an inline SVG: its nodes on a ring, those that are linked near each other, links as arrows that bend
 * inwards: the thicker the more they carry, the darker the stronger; those of several starts join first. The same network gives the same picture.
 */
export function renderNetwork(network: Network, locale: Locale): string {
  const order = ringOrder(network);
  const radius = Math.max(LEAST_RADIUS, (order.length * SPACING) / 4);
  const labels = network.nodes.map(({ label }) => fitText(harmless(label), FONT_SIZE, WIDEST_LABEL));
  const labelWidth = Math.max(0, ...labels.map((label) => textWidth(label, FONT_SIZE)));
  const across = Math.min(radius, WIDEST_RADIUS);
  const [width, height] = [2 * (across + labelWidth + LABEL_GAP + MOST_DOT), 2 * (radius + FONT_SIZE * 2)];
  const spots = spotsOf(network, order, { across, radius, x: width / 2, y: height / 2 });
  const links = network.links.map((link) => linkMarkup(network, spots, link));
  const nodes = spots.map((spot, node) => nodeMarkup(spot, labels[node]!, network.nodes[node]!.label));
  const spoken = escapeHtml(
    [network.title, ...network.links.map((link) => spokenLink(network, link, locale))].join("; "),
  );
  const size = `viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart network" role="img" aria-label="${harmless(spoken)}" ${size} font-size="${FONT_SIZE}" font-family="inherit">${links.join("")}${nodes.join("")}</svg>`;
}

type Link = Network["links"][number];

function spokenLink({ nodes, headings }: Network, { from, to, width, heat }: Link, locale: Locale): string {
  const figures = `${headings.width} ${formatValue(width, "integer", locale)}, ${headings.heat} ${formatShort(heat, "decimal", locale)}`;
  return `${from.map((node) => nodes[node]!.label).join(" + ")} → ${nodes[to]!.label}: ${figures}`;
}

/** Nodes around the ring: each group of linked ones together, from its most linked one outwards. */
function ringOrder({ nodes, links }: Network): number[] {
  const near = nodes.map(() => new Set<number>());
  for (const { from, to } of links) {
    for (const node of from) {
      near[node]!.add(to);
      near[to]!.add(node);
    }
  }
  const byLinks = [...nodes.keys()].sort((a, b) => near[b]!.size - near[a]!.size || a - b);
  const placed = new Set<number>();
  const visit = (node: number): void => {
    if (placed.has(node)) return;
    placed.add(node);
    for (const next of [...near[node]!].sort((a, b) => near[a]!.size - near[b]!.size || a - b)) visit(next);
  };
  byLinks.forEach(visit);
  return [...placed];
}

function spotsOf(
  { nodes }: Network,
  order: readonly number[],
  { across, radius, x, y }: Readonly<Record<"across" | "radius" | "x" | "y", number>>,
): Spot[] {
  const most = Math.max(1, ...nodes.map(({ size }) => size));
  const spots: Spot[] = [];
  order.forEach((node, place) => {
    const half = Math.ceil(order.length / 2);
    const isRight = place < half;
    const rank = isRight ? place : 2 * half - 1 - place;
    const sine = (2 * (rank + 0.5)) / half - 1;
    const cosine = Math.sqrt(1 - sine * sine) * (isRight ? 1 : -1);
    const dot = LEAST_DOT + (MOST_DOT - LEAST_DOT) * Math.sqrt(nodes[node]!.size / most);
    spots[node] = { x: x + across * cosine, y: y + radius * sine, isRight, dot };
  });
  return spots;
}

const round = (value: number) => String(Math.round(value * 10) / 10);

/** The arrow of a link, as thick as the root of what it carries; several starts lead to a joint before it. */
function linkMarkup({ links }: Network, spots: readonly Spot[], { from, to, width, heat }: Link): string {
  const centre = middleOf(spots);
  const starts = from.map((node) => spots[node]!);
  const most = Math.max(...links.map((link) => link.width));
  const stroke = THIN + (THICK - THIN) * Math.sqrt(width / most);
  const colour = `var(--heat-${heatStep(links, heat)})`;
  const line = `fill="none" stroke="${colour}" stroke-width="${round(stroke)}"`;
  if (starts.length === 1) return arrowMarkup(starts[0]!, spots[to]!, { centre, stroke, colour, line });
  const joint = between(middleOf(starts), centre, JOINT_WAY);
  const ways = starts.map(
    (start) => `M${round(start.x)} ${round(start.y)}L${round(joint.x)} ${round(joint.y)}`,
  );
  const dot = `<circle class="joint" cx="${round(joint.x)}" cy="${round(joint.y)}" r="${round(JOINT_DOT + stroke / 2)}" fill="${colour}"/>`;
  const arrow = arrowMarkup(joint, spots[to]!, { centre, stroke, colour, line });
  return `<path d="${ways.join("")}" ${line}/>${dot}${arrow}`;
}

interface Pen {
  readonly centre: Point;
  readonly stroke: number;
  readonly colour: string;
  readonly line: string;
}

/** An arrow that ends at the edge of the other dot. */
function arrowMarkup(start: Point, end: Spot, { centre, stroke, colour, line }: Pen): string {
  const middle = middleOf([start, end]);
  const wayIn = Math.hypot(centre.x - middle.x, centre.y - middle.y) || 1;
  const most = (MOST_BEND * Math.hypot(end.x - start.x, end.y - start.y)) / wayIn;
  const bend = between(middle, centre, Math.min(BEND, most));
  const length = Math.hypot(end.x - bend.x, end.y - bend.y) || 1;
  const [ux, uy] = [(end.x - bend.x) / length, (end.y - bend.y) / length];
  const tip = { x: end.x - ux * (end.dot + 1), y: end.y - uy * (end.dot + 1) };
  const head = 4.5 + stroke;
  const back = { x: tip.x - ux * head, y: tip.y - uy * head };
  const side = head * 0.5;
  const arrow = `${round(tip.x)},${round(tip.y)} ${round(back.x - uy * side)},${round(back.y + ux * side)} ${round(back.x + uy * side)},${round(back.y - ux * side)}`;
  const curve = `M${round(start.x)} ${round(start.y)}Q${round(bend.x)} ${round(bend.y)} ${round(back.x)} ${round(back.y)}`;
  return `<path d="${curve}" ${line}/><polygon points="${arrow}" fill="${colour}"/>`;
}

const between = (start: Point, end: Point, way: number): Point => ({
  x: start.x + (end.x - start.x) * way,
  y: start.y + (end.y - start.y) * way,
});

const middleOf = (points: readonly Point[]): Point => ({
  x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
  y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
});

/** The lighter steps are hard to see on paper and are not used for lines. */
const FIRST_STEP = 3;

/** The colour of a link, by the logarithm of its strength. */
function heatStep(links: readonly Link[], heat: number): number {
  const logs = links.map((link) => Math.log(Math.max(link.heat, 1e-9)));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  if (least === most) return HEAT_STEPS - 1;
  const share = (Math.log(Math.max(heat, 1e-9)) - least) / (most - least);
  return Math.min(HEAT_STEPS, FIRST_STEP + Math.floor(share * (HEAT_STEPS - FIRST_STEP + 1)));
}

/** A dot and its name outside the ring, the whole name for who points at it. */
function nodeMarkup({ x, y, isRight, dot }: Spot, label: string, whole: string): string {
  const at = { x: x + (isRight ? 1 : -1) * (dot + LABEL_GAP), y };
  const text = `<text x="${round(at.x)}" y="${round(at.y)}" dy="0.35em" text-anchor="${isRight ? "start" : "end"}" fill="var(--ink)">${escapeHtml(label)}</text>`;
  return `<g><title>${escapeHtml(harmless(whole))}</title><circle cx="${round(x)}" cy="${round(y)}" r="${round(dot)}" fill="var(--accent-bar)" stroke="var(--paper)" stroke-width="1"/>${text}</g>`;
}
