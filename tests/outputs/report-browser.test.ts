import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { renderReport } from "../../src/outputs/html.js";
import type { Report } from "../../src/report.js";
import type { Network } from "../../src/section.js";
import { CUSTOMER_COUNT, sampleReport } from "./sample-report.js";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const hasChromium = existsSync(executablePath);
const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const title = hasChromium
  ? "the report in a browser"
  : `the report in a browser (skipped: no Chromium at ${executablePath}; set CHROMIUM_PATH)`;

describe.skipIf(!hasChromium)(title, () => {
  let directory: string;
  const problems: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "crm-analyze-report-"));
    for (const language of ["en", "zh"] as const)
      writeFileSync(join(directory, `${language}.html`), renderReport(sampleReport(language)));
    writeFileSync(join(directory, "network.html"), renderReport(networkReport()));
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage();
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => request.url().startsWith("file://") || problems.push(request.url()));
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true });
  });

  async function openReport(
    language: "en" | "zh",
    options: { width?: number; colorScheme?: "light" | "dark" } = {},
  ): Promise<void> {
    await page.setViewportSize({ width: options.width ?? 1280, height: 900 });
    await page.emulateMedia({ media: "screen", colorScheme: options.colorScheme ?? "light" });
    problems.length = 0;
    await page.goto(pathToFileURL(join(directory, `${language}.html`)).href);
  }

  /** The texts of a column of the list, as far as its rows are to be seen. */
  const column = (index: number): Promise<string[]> =>
    page.evaluate(
      `Array.from(document.querySelectorAll("[data-interactive] tbody tr")).filter((row) => row.offsetParent !== null).map((row) => row.cells[${index}].textContent)`,
    );
  const heading = (name: string) => page.locator("[data-interactive] thead").getByRole("button", { name });
  const money = (text: string): number => Number(text.replace(/[^\d.-]/g, ""));

  test("opens from disk without an error or a request", async () => {
    await openReport("en");
    expect(await page.title()).toBe("Harbour Tea Wholesale · As of 2026-06-30");
    expect(problems).toEqual([]);
  });

  test("may not fetch anything", async () => {
    await openReport("en");
    const outcome = await page.evaluate(() =>
      (globalThis as unknown as { fetch: (url: string) => Promise<unknown> })
        .fetch("https://example.com")
        .then(
          () => "fetched",
          () => "refused",
        ),
    );
    expect(outcome).toBe("refused");
    expect(problems.join("\n")).toContain("Content Security Policy");
  });

  test("sorts money by amount, largest first, then smallest, with nothing known last", async () => {
    await openReport("en");
    await heading("Sales").click();
    const falling = await column(2);
    const known = falling.filter((text) => text !== "–").map(money);
    expect(known).toEqual([...known].sort((a, b) => b - a));
    expect(falling.at(-1)).toBe("–");
    expect(await page.locator("th[aria-sort='descending']").textContent()).toBe("Sales");
    await heading("Sales").click();
    const rising = await column(2);
    expect(rising[0]).toBe("$0.00");
    expect(rising.at(-1)).toBe("–");
    expect(await page.locator("th[aria-sort='ascending']").count()).toBe(1);
  });

  test("sorts days and text from the keyboard", async () => {
    await openReport("en");
    await heading("Last order").focus();
    await page.keyboard.press("Enter");
    const days = await column(4);
    expect(days).toEqual([...days].sort());
    await heading("Customer").focus();
    await page.keyboard.press("Space");
    const names = (await column(0)).filter((name) => name.startsWith("Maple"));
    expect(names.slice(0, 3)).toEqual(["Maple & Sons 1", "Maple & Sons 13", "Maple & Sons 19"]);
  });

  test("sorts Chinese by sound: ān běi chéng chóng guǎng shàng", async () => {
    await openReport("zh");
    await heading("客户").click();
    const firsts = [...new Set((await column(0)).map((name) => name[0] ?? ""))].filter((first) =>
      /\p{Script=Han}/u.test(first),
    );
    expect(firsts).toEqual(["安", "北", "成", "重", "广", "上"]);
  });

  test("searches all columns as one types and counts what is left", async () => {
    await openReport("en");
    const search = page.getByRole("searchbox", { name: "Search: Customers slipping away" });
    await search.fill("MAPLE 0010000");
    expect(await column(0)).toEqual(["Maple & Sons 1"]);
    expect(await page.locator("output").textContent()).toBe(`1 of ${CUSTOMER_COUNT} rows`);
    await search.fill("nobody at all");
    expect(await column(0)).toEqual([]);
    await search.fill("");
    expect(await column(0)).toHaveLength(CUSTOMER_COUNT);
  });

  test("still sorts what a search has found", async () => {
    await openReport("en");
    await page.getByRole("searchbox").fill("saffron");
    await heading("Sales").click();
    const amounts = (await column(2)).filter((text) => text !== "–").map(money);
    expect(amounts.length).toBeGreaterThan(5);
    expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
  });

  test.each([400, 768, 1280])("never scrolls sideways at %i px", async (width) => {
    for (const language of ["en", "zh"] as const) {
      await openReport(language, { width });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
  });

  test("a reason is to be read without scrolling sideways at 400 px", async () => {
    await openReport("en", { width: 400 });
    const reasons = (await page.evaluate(
      `Array.from(document.querySelectorAll("[data-interactive] td.reason"), (cell) => { const { left, right } = cell.getBoundingClientRect(); return { left, right }; })`,
    )) as { left: number; right: number }[];
    expect(reasons).toHaveLength(CUSTOMER_COUNT);
    expect(Math.min(...reasons.map(({ left }) => left))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...reasons.map(({ right }) => right))).toBeLessThanOrEqual(400);
  });

  test("a network that is the only chart fills the page beside its title at 1200 px", async () => {
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.goto(pathToFileURL(join(directory, "network.html")).href);
    const [title, picture] = (await page.evaluate(
      `["figure .title", ".network"].map((at) => { const { left, right } = document.querySelector(at).getBoundingClientRect(); return { left, right }; })`,
    )) as [{ left: number; right: number }, { left: number; right: number }];
    expect(picture.left).toBeGreaterThan(title.right);
    expect(picture.right - title.left).toBeGreaterThan(1000);
  });

  test("a reason that is missing leaves no line at 400 px", async () => {
    await openReport("en", { width: 400 });
    for (const missing of [`cell.textContent = ""`, `cell.textContent = "–"; cell.dataset.value = ""`]) {
      const heights = await page.evaluate(
        `(() => { const cell = document.querySelector("[data-interactive] tbody td.reason"); const before = cell.offsetHeight; ${missing}; return [before > 20, cell.offsetHeight]; })()`,
      );
      expect(heights).toEqual([true, 0]);
      await openReport("en", { width: 400 });
    }
  });

  test.each(["light", "dark"] as const)("has contrast of 4.5 to 1 everywhere in %s", async (colorScheme) => {
    await openReport("en", { colorScheme });
    expect(await page.evaluate("getComputedStyle(document.body).colorScheme")).toBe("light dark");
    const weak = await page.evaluate(WEAK_TEXTS);
    expect(weak).toEqual([]);
  });

  test.each([1280, 390])(
    "no figure in large letters breaks or leaves its place at %d pixels",
    async (width) => {
      for (const language of ["en", "zh"] as const) {
        await openReport(language, { width });
        const figures = await page.evaluate(
          `Array.from(document.querySelectorAll(".headlines .number"), (figure) => ({
          lines: figure.clientHeight / parseFloat(getComputedStyle(figure).lineHeight),
          excess: figure.scrollWidth - figure.clientWidth,
        }))`,
        );
        expect(figures).not.toEqual([]);
        for (const { lines, excess } of figures as { lines: number; excess: number }[]) {
          expect(lines).toBeLessThan(1.5);
          expect(excess).toBeLessThanOrEqual(0);
        }
      }
    },
  );

  test("prints on A4, light, all rows of a list and no search box", async () => {
    await openReport("en", { colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    const box = "document.querySelector('[data-interactive] .scroll')";
    expect(await page.evaluate(`${box}.scrollHeight - ${box}.clientHeight`)).toBe(0);
    // Chromium leaves repeated headings blank when they hold a box of their own.
    expect(await page.evaluate("getComputedStyle(document.querySelector('thead button')).display")).toBe(
      "contents",
    );
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(pdf.toString("latin1")).toMatch(/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/);
  });

  test("prints tables no wider than the paper", async () => {
    await openReport("en", { width: 680 });
    await page.emulateMedia({ media: "print" });
    const widest = await page.evaluate(
      "Math.max(...Array.from(document.querySelectorAll('table'), (table) => table.getBoundingClientRect().right))",
    );
    expect(widest).toBeLessThanOrEqual(680);
  });
});

/** A report with no chart but a network of two items. */
function networkReport(): Report {
  const report = sampleReport("en");
  const network: Network = {
    kind: "network",
    title: "Rules",
    nodes: ["tea", "whisk"].map((label) => ({ label, size: 1 })),
    links: [{ from: [0], to: 1, width: 10, heat: 2 }],
    headings: { width: "Baskets", heat: "Lift" },
  };
  return { ...report, sections: report.sections.map((section) => ({ ...section, charts: [network] })) };
}

/** Lists the texts whose colour is too near to what is behind them (WCAG 2.2, 1.4.3). */
const WEAK_TEXTS = String.raw`(() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const isClear = (colour) => colour === "none" || channels(colour)[3] === 0;
  const cellBehind = (text) => {
    const { left, top, width, height } = text.getBoundingClientRect();
    const holds = (rect) => rect.left <= left + width / 2 && rect.right >= left + width / 2 && rect.top <= top + height / 2 && rect.bottom >= top + height / 2;
    const rects = Array.from(text.ownerSVGElement.querySelectorAll("rect")).filter((rect) => holds(rect.getBoundingClientRect()));
    return rects.map((rect) => getComputedStyle(rect).fill).find((fill) => !isClear(fill));
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!isClear(colour)) return colour;
    }
  };
  const weak = [];
  for (const element of document.body.querySelectorAll("*")) {
    const hasText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!hasText || element.localName === "script") continue;
    const isChart = element.ownerSVGElement instanceof SVGElement;
    const ink = isChart ? getComputedStyle(element).fill : getComputedStyle(element).color;
    const paper = (isChart && cellBehind(element)) || behind(element);
    if (contrast(ink, paper) < 4.5) weak.push(element.textContent.slice(0, 40) + " " + ink + " on " + paper);
  }
  return weak;
})()`;
