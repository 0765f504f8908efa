import { expect, test } from "vitest";
import { renderNetwork } from "../../src/outputs/network-picture.js";
import type { Network } from "../../src/section.js";

const NETWORK: Network = {
  kind: "network",
  title: "Rules",
  nodes: ["抹茶粉", "竹茶筅", "<b>cup</b>", "pot"].map((label, place) => ({ label, size: place + 1 })),
  links: [
    { from: 0, to: 1, width: 0.5, heat: 7 },
    { from: 2, to: 1, width: 0.2, heat: 2 },
  ],
  headings: { width: "Confidence", heat: "Lift" },
};
const picture = renderNetwork(NETWORK, { language: "en", currency: "" });

test("every node has its name as text, every link an arrow, and no name is markup", () => {
  expect(picture.match(/<circle/g)).toHaveLength(4);
  expect(picture.match(/<polygon/g)).toHaveLength(2);
  expect(picture).toContain(">抹茶粉</text>");
  expect(picture).toContain("&lt;b&gt;cup&lt;/b&gt;");
  expect(picture).not.toContain("<b>");
  expect(picture).toContain("抹茶粉 → 竹茶筅: Confidence 50.0%, Lift 7.00");
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
