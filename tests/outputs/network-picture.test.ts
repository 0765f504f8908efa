import { expect, test } from "vitest";
import { renderNetwork } from "../../src/outputs/network-picture.js";
import type { Network } from "../../src/section.js";

const NETWORK: Network = {
  kind: "network",
  title: "Rules",
  nodes: ["抹茶粉", "竹茶筅", "<b>cup</b>", "pot"].map((label, place) => ({ label, size: place + 1 })),
  links: [
    { from: [0], to: 1, width: 1600, heat: 7 },
    { from: [2, 3], to: 1, width: 100, heat: 2 },
  ],
  headings: { width: "Baskets", heat: "Lift" },
};
const picture = renderNetwork(NETWORK, { language: "en", currency: "" });

test("every node has its name as text, every link an arrow, and no name is markup", () => {
  expect(picture.match(/<circle cx/g)).toHaveLength(4);
  expect(picture.match(/<polygon/g)).toHaveLength(2);
  expect(picture).toContain(">抹茶粉</text>");
  expect(picture).toContain("&lt;b&gt;cup&lt;/b&gt;");
  expect(picture).not.toContain("<b>");
  expect(picture).toContain("抹茶粉 → 竹茶筅: Baskets 1,600, Lift 7.00");
  expect(picture).toContain(" + pot → 竹茶筅: Baskets 100, Lift 2.00");
});

test("names on one side stand a line apart, and the same network gives the same picture", () => {
  const heights = Array.from(
    picture.matchAll(/<text x="[\d.]+" y="([\d.]+)" dy="0.35em" text-anchor="start"/g),
    ([, y]) => Number(y),
  );
  expect(heights).toHaveLength(2);
  expect(Math.abs(heights[0]! - heights[1]!)).toBeGreaterThan(15);
  expect(renderNetwork(NETWORK, { language: "en", currency: "" })).toBe(picture);
});

test("an arrow is as thick as the root of its count", () => {
  const strokes = Array.from(picture.matchAll(/stroke-width="([\d.]+)"\/>/g), ([, width]) => Number(width));
  expect(strokes.slice(0, 2)).toEqual([4, 1.9]);
});

test("two starts of one arrow meet in a joint, and only one head leads on", () => {
  const [joint] = picture.matchAll(/<circle class="joint" cx="([\d.]+)" cy="([\d.]+)"/g);
  const at = `${joint![1]} ${joint![2]}`;
  expect(picture.split(`L${at}`)).toHaveLength(3);
  expect(picture).toContain(`d="M${at}Q`);
});

test("an arrow between neighbours bends little farther than their distance", () => {
  const [, x1, y1, bendX, bendY] = /d="M([\d.]+) ([\d.]+)Q([\d.]+) ([\d.]+) /.exec(picture)!.map(Number);
  const [x2, y2] = [...picture.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)][1]!.slice(1).map(Number);
  const bent = Math.hypot(bendX! - (x1! + x2!) / 2, bendY! - (y1! + y2!) / 2);
  expect(bent).toBeLessThanOrEqual(1.21 * Math.hypot(x2! - x1!, y2! - y1!));
});
