import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { renderChart } from "../../src/outputs/charts.js";
import { fitLines, fitText, textWidth } from "../../src/outputs/text-width.js";
import { renderTreePicture, treePictureFile } from "../../src/outputs/tree-picture.js";
import type { TreePicture, TreePictureNode } from "../../src/section.js";

const english = { language: "en", currency: "USD" } as const;
const chinese = { language: "zh", currency: "CNY" } as const;
const HEADINGS = { leaf: "Leaf", count: "Customers", risk: "Leave", money: "At risk" };

const node = (parent: number, given: Partial<TreePictureNode>): TreePictureNode => ({
  parent,
  question: "tenure",
  answer: "≤ 5",
  count: 10,
  risk: 0.5,
  money: 0,
  ...given,
});

const picture = (nodes: readonly TreePictureNode[], more: Partial<TreePicture> = {}): TreePicture => ({
  kind: "tree",
  title: "The tree",
  nodes,
  headings: HEADINGS,
  ...more,
});

const three = picture([
  node(-1, { question: "All customers", answer: "", count: 100, risk: 0.3, money: 5000 }),
  node(0, { answer: "≤ 5", count: 25, risk: 0.8, money: 4000, leaf: 1 }),
  node(0, { answer: "> 5", count: 75, risk: 0.1, money: 1_234_567, leaf: 2 }),
]);

/** A tree of so many leaves: the largest leaf is parted again and again. */
function grown(leafCount: number, shares: readonly number[], question = "tenure"): TreePicture {
  const nodes: TreePictureNode[] = [node(-1, { question: "All", answer: "", count: 6400 })];
  const open = [0];
  for (let i = 0; open.length < leafCount; i++) {
    open.sort((a, b) => nodes[b]!.count - nodes[a]!.count || a - b);
    const parent = open.shift()!;
    const left = Math.max(1, Math.floor(nodes[parent]!.count * shares[i % shares.length]!));
    for (const count of [left, Math.max(1, nodes[parent]!.count - left)])
      open.push(nodes.push(node(parent, { question, count, risk: count / 6400 })) - 1);
  }
  const isLeaf = new Set(open);
  return picture(nodes.map((each, place) => (isLeaf.has(place) ? { ...each, leaf: place } : each)));
}

const parse = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document;
const numberOf = (element: { getAttribute(name: string): string | null }, name: string) =>
  Number(element.getAttribute(name));
const textsOf = (svg: string) => [...parse(svg).querySelectorAll("text")].map((text) => text.textContent);
/** The bars of the nodes: the only shapes in ink. */
const barsOf = (svg: string) => [...parse(svg).querySelectorAll('rect[fill="var(--ink)"]')];

describe("the picture of a tree", () => {
  const svg = renderTreePicture(three, english);

  test("has every question, answer and figure, and money where it is known", () => {
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining([
        "All customers",
        "100 · 30.0%",
        "tenure",
        "≤ 5",
        "> 5",
        "25",
        "80.0%",
        "$4,000",
        "$1.2M",
      ]),
    );
    const { leaf, count, risk } = HEADINGS;
    expect(renderTreePicture({ ...three, headings: { leaf, count, risk } }, english)).not.toContain("$");
  });

  test("bars are as high as their customers are many", () => {
    const [all, few, many] = barsOf(svg).map((bar) => numberOf(bar, "height")) as [number, number, number];
    expect(few / all).toBeCloseTo(0.25, 1);
    expect(many / all).toBeCloseTo(0.75, 1);
  });

  test("branches are coloured by risk, the least 1, the greatest 7", () => {
    const colours = [...parse(svg).querySelectorAll("path")].map((path) => path.getAttribute("fill"));
    expect(colours).toEqual(["var(--heat-7)", "var(--heat-1)"]);
  });

  test("speaks each leaf to those who cannot see it", () => {
    expect(svg).toContain("The tree; tenure ≤ 5: Leaf 1, Customers 25, Leave 80.0%, At risk $4,000;");
  });

  test("tells the page its own width, below which letters grow small", () => {
    const [, width] = /viewBox="0 0 (\d+) /.exec(svg)!;
    expect(svg).toContain(`style="--own-width: ${width}px"`);
  });

  test("is the chart of kind tree of a report", () => {
    expect(renderChart(three, english)).toBe(svg);
  });

  test("a root alone is a picture too", () => {
    const root = picture([node(-1, { question: "All customers", answer: "", count: 7, risk: 0.2, leaf: 1 })]);
    expect(textsOf(renderTreePicture(root, english))).toEqual(
      expect.arrayContaining(["All customers", "7", "20.0%"]),
    );
  });

  test("text from data is text: markup, quotes, control characters", () => {
    const odd = picture([node(-1, { question: '<b a="1">&', answer: "\u0001\u001b[31m'", leaf: 1 })], {
      title: '"><script>',
    });
    for (const drawn of [renderTreePicture(odd, english), treePictureFile(odd, english)]) {
      expect(drawn).not.toMatch(/<b |<script/);
      expect(drawn).not.toMatch(/\p{Cc}(?<![\t\n])/u);
      expect(drawn).toContain("&lt;b a=&quot;1&quot;&gt;&amp;");
    }
  });

  test("an answer that has its room is not cut, however deep", () => {
    const nodes = [node(-1, { question: "All", answer: "" })];
    for (let parent = 0; parent < 6; parent++)
      nodes.push(node(parent, { answer: `≤ CN¥1,9${parent}0`, ...(parent === 5 ? { leaf: 1 } : {}) }));
    const drawn = textsOf(renderTreePicture(picture(nodes), english));
    expect(drawn.filter((text) => text!.endsWith("…"))).toEqual([]);
  });

  test("long answers are cut, and whole on demand", () => {
    const long = "Bank transfer (automatic), Credit card (automatic), Mailed check";
    const drawn = renderTreePicture(picture([node(-1, { answer: long, leaf: 1 })]), english);
    expect(textsOf(drawn).some((text) => text!.startsWith("Bank transfer") && text!.endsWith("…"))).toBe(
      true,
    );
    expect(drawn).toContain(`<title>tenure ${long}</title>`);
  });
});

describe("what the leaves of a tree stand for", () => {
  const drawn = (outcome: string) =>
    renderTreePicture(
      picture([node(-1, { question: "All", answer: "", leaf: 1, outcome })], {
        headings: { ...HEADINGS, outcome: "Segment" },
      }),
      english,
    );

  test("stands on two lines where one is too short", () => {
    expect(textsOf(drawn("Low Grocery, low Detergents_Paper"))).toEqual(
      expect.arrayContaining(["Low Grocery, low", "Detergents_Paper"]),
    );
  });

  test("is spoken whole, however long", () => {
    const name = "Seldom buys, rather far away, many returns, long since the last order, low margin";
    expect(textsOf(drawn(name))).not.toContain(name);
    expect(drawn(name)).toContain(`Segment ${name}, At risk`);
  });
});

describe("at 2 to 32 leaves, whatever their sizes (property)", () => {
  const shares = fc.array(fc.double({ min: 0.02, max: 0.98, noNaN: true }), { minLength: 1, maxLength: 8 });
  const words = fc.constantFrom(
    "tenure",
    "MonthlyCharges and more",
    "合同类型",
    "最近一次联系客户的方式与渠道",
  );

  test("no label covers another, none leaves the picture", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 32 }), shares, words, (leafCount, parts, question) => {
        const drawn = grown(leafCount, parts, question);
        const svg = renderTreePicture(drawn, chinese);
        const [, , width, height] = /viewBox="(\S+) (\S+) (\S+) (\S+)"/
          .exec(svg)!
          .slice(1)
          .map(Number) as number[];
        const boxes = [...parse(svg).querySelectorAll("g > rect")].map((rect) => ({
          left: numberOf(rect, "x"),
          right: numberOf(rect, "x") + numberOf(rect, "width"),
          top: numberOf(rect, "y"),
          bottom: numberOf(rect, "y") + numberOf(rect, "height"),
        }));
        expect(boxes).toHaveLength(drawn.nodes.length);
        for (const [i, a] of boxes.entries()) {
          expect(a.left >= 0 && a.right <= width! && a.top >= 0 && a.bottom <= height!).toBe(true);
          for (const b of boxes.slice(i + 1)) {
            const isApart =
              a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 3 || b.bottom <= a.top + 3;
            expect(isApart, `${JSON.stringify(a)} ${JSON.stringify(b)}`).toBe(true);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("the picture as a file", () => {
  const file = treePictureFile(three, english);

  test("needs no page: colours are written out, dark ones by style", () => {
    expect(file).not.toContain("var(");
    expect(file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(file).toMatch(
      /@media \(prefers-color-scheme: dark\) \{ (\[(fill|stroke)="#\w+"\] \{ (fill|stroke): #\w+; \} ?)+\}/,
    );
    expect(file).not.toContain("undefined");
  });

  test("fetches nothing", () => {
    expect(file.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|<script|<image|href/);
  });

  test("is the same for the same tree", () => {
    expect(treePictureFile(three, english)).toBe(file);
  });
});

describe("widths of text", () => {
  test("a Chinese character is a full square, a Latin one somewhat over half", () => {
    expect(textWidth("客户", 10)).toBe(20);
    const each = textWidth("abcdefghijklmnopqrstuvwxyz 0123456789", 10) / 37;
    expect(each).toBeGreaterThan(5);
    expect(each).toBeLessThan(6.5);
    expect(textWidth("WM", 10)).toBeGreaterThan(textWidth("il", 10));
  });

  test("a text that is cut fits (property)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 10, max: 200 }), (text, width) => {
        const cut = fitText(text, 10, width);
        expect(textWidth(cut, 10)).toBeLessThanOrEqual(Math.max(width, textWidth("…", 10)));
        if (textWidth(text, 10) <= width) expect(cut).toBe(text);
      }),
    );
  });

  test("breaks behind spaces, joints of names and Chinese characters, not before punctuation", () => {
    expect(fitLines("short", 10, 100)).toEqual(["short"]);
    expect(fitLines("spaces behind          ", 10, 80)).toEqual(["spaces behind"]);
    expect(fitLines("Low Grocery, low Milk", 10, 80)).toEqual(["Low Grocery,", "low Milk"]);
    expect(fitLines("customer_acquisition", 10, 80)).toEqual(["customer_", "acquisition"]);
    expect(fitLines("grocery低、detergents_Paper低", 10, 140)).toEqual(["grocery低、", "detergents_Paper低"]);
    expect(fitLines("购买少，距今很久", 10, 40)).toEqual(["购买少，", "距今很久"]);
    expect(fitLines("购买少，距今很久", 10, 55)).toEqual(["购买少，距", "今很久"]);
    expect(fitLines("金额低，购买少", 10, 30)).toEqual(["金额", "低，…"]);
  });

  test("two lines fit, and hold all but spaces where they can (property)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 10, max: 200 }), (text, width) => {
        const lines = fitLines(text, 10, width);
        expect(lines.length).toBeLessThanOrEqual(2);
        for (const line of lines) {
          expect(textWidth(line, 10)).toBeLessThanOrEqual(Math.max(width, textWidth("…", 10)));
        }
        if (!lines.some((line) => line.endsWith("…")))
          expect(lines.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
      }),
    );
  });
});
