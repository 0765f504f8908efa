import { createHash } from "node:crypto";

import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";

import { renderReport } from "../../src/outputs/html.js";
import { tableOf } from "../../src/table.js";
import { textsIn } from "../../src/texts/index.js";
import { CUSTOMER_COUNT, FORMULA_CELL, sampleReport, SCRIPT_CELL } from "./sample-report.js";

const english = renderReport(sampleReport("en"));
const chinese = renderReport(sampleReport("zh"));
const page = parseHTML(english).document;

describe("the report page", () => {
  test("is the same bytes for the same report", () => {
    expect(renderReport(sampleReport("en"))).toBe(english);
  });

  test("names nothing outside itself", () => {
    expect(english).not.toMatch(/(src|href)="(?!#)/);
    expect(english).not.toMatch(/url\(|@import/);
  });

  test("forbids the network and runs only its own script", () => {
    const policy = page.querySelector("meta[http-equiv='Content-Security-Policy']")?.getAttribute("content");
    const script = english.slice(
      english.lastIndexOf("<script>") + "<script>".length,
      english.lastIndexOf("</script>"),
    );
    const hash = createHash("sha256").update(script).digest("base64");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'sha256-${hash}'`);
  });

  test("states title, day, warnings, headlines, answers and notes", () => {
    const text = page.body.textContent ?? "";
    for (const words of [
      "Harbour Tea Wholesale",
      "As of 2026-06-30",
      "Warnings about the data: 1",
      "$3,182,450.75",
      "62.3%",
      "412 customers who used to order",
      "first order is less than 60 days old",
    ]) {
      expect(text).toContain(words);
    }
  });

  test("accounts for every row read", () => {
    const files = [...page.querySelectorAll("#files")][0]?.parentElement;
    expect(files?.querySelector("tfoot")?.textContent).toMatch(/Total.*54,417.*54,355.*42.*20/s);
    expect(page.querySelector("#rejects")?.parentElement?.textContent).toContain("not a day: 31.02.2026");
  });

  test("says so when no row was rejected", () => {
    expect(renderReport({ ...sampleReport("en"), rejects: [] })).toContain("No row was rejected.");
  });
});

describe("data in the page", () => {
  test("stays text, whatever it looks like", () => {
    expect(english).not.toContain(SCRIPT_CELL);
    expect(english.match(/<script/g)).toHaveLength(1);
    const cells = [...page.querySelectorAll("tbody th")].map((cell) => cell.textContent);
    expect(cells).toContain(SCRIPT_CELL);
    expect(cells).toContain(FORMULA_CELL);
  });

  test("cannot leave an attribute or the page's title", () => {
    const hostile = renderReport({ ...sampleReport("en"), title: `"><img src=x onerror=alert(1)></title>` });
    expect(hostile).not.toContain("<img");
    expect(parseHTML(hostile).document.querySelector("h1")?.textContent).toBe(
      `"><img src=x onerror=alert(1)></title>`,
    );
  });

  test("that is missing is an en dash and has an empty sort key", () => {
    const empty = [...page.querySelectorAll("[data-value='']")];
    expect(empty.length).toBeGreaterThan(0);
    expect(empty.every((cell) => cell.textContent === "–")).toBe(true);
  });

  test("is no column where it is missing in every row", () => {
    const rows = tableOf({ name: ["a", "b"], owner: [null, null], city: ["x", null] });
    const columns = ["name", "owner", "city"].map((name) => ({ name, title: name, format: "text" as const }));
    const report = sampleReport("en");
    const section = { ...report.sections[0]!, tables: [{ name: "list", title: "List", rows, columns }] };
    const { document } = parseHTML(renderReport({ ...report, sections: [section] }));
    const headings = [...document.querySelectorAll("th[scope=col]")].map(({ textContent }) => textContent);
    expect(headings.slice(0, 3)).toEqual(["name", "city", expect.not.stringContaining("owner")]);
  });

  test("names its column when the column is missing", () => {
    const report = sampleReport("en");
    const [section] = report.sections;
    const table = section?.tables[0];
    if (section === undefined || table === undefined) throw new Error("sample changed");
    const broken = { ...table, columns: [{ name: "nowhere", title: "x", format: "text" as const }] };
    expect(() => renderReport({ ...report, sections: [{ ...section, tables: [broken] }] })).toThrow(
      "table segments: no column nowhere",
    );
  });
});

describe("readers of every kind", () => {
  test("are told the language", () => {
    expect(page.documentElement.getAttribute("lang")).toBe("en-US");
    expect(parseHTML(chinese).document.documentElement.getAttribute("lang")).toBe("zh-CN");
  });

  test("find landmarks, one h1, captions and column scopes", () => {
    expect(page.querySelectorAll("header, main, footer")).toHaveLength(3);
    expect(page.querySelectorAll("h1")).toHaveLength(1);
    for (const table of page.querySelectorAll("table")) {
      expect(table.querySelector("caption")?.textContent).not.toBe("");
      expect(
        [...table.querySelectorAll("thead th")].every((heading) => heading.getAttribute("scope") === "col"),
      ).toBe(true);
    }
  });

  test("find every id once", () => {
    const ids = [...page.querySelectorAll("[id]")].map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("of Chinese see no English of ours", () => {
    const body = parseHTML(chinese).document.body;
    for (const element of body.querySelectorAll("script, style, #files, #rejects")) element.remove();
    const english = Object.values(textsIn("en").report).filter((text) => typeof text === "string");
    for (const words of english) expect(body.textContent).not.toContain(words);
    expect(body.textContent).toContain("数据质量");
    expect(body.textContent).toContain("¥3,182,450.75");
  });
});

describe("a list too long for the page", () => {
  const report = sampleReport("en");
  const [section] = report.sections;
  const list = section?.tables.find((table) => table.isInteractive);
  if (section === undefined || list === undefined) throw new Error("sample changed");
  const copies = Array.from({ length: 100 }, () => list.rows);
  const rows = copies.reduce((all, copy) => all.concat(copy));
  const long = renderReport({ ...report, sections: [{ ...section, tables: [{ ...list, rows }] }] });

  test("shows its first rows and says how many there are", () => {
    expect(long).toContain("The first 2,000 of 20,000 rows are on this page");
    expect(parseHTML(long).document.querySelectorAll("[data-interactive] tbody tr")).toHaveLength(2000);
  });

  test("never makes the page larger than 2 MB", () => {
    const tables = Array.from({ length: 8 }, (_, index) => ({ ...list, name: `list-${index}`, rows }));
    expect(Buffer.byteLength(renderReport({ ...report, sections: [{ ...section, tables }] }))).toBeLessThan(
      2_000_000,
    );
  });

  test("that fits is shown whole, without a word about it", () => {
    expect(english).not.toContain("rows are on this page");
    expect(page.querySelectorAll("[data-interactive] tbody tr")).toHaveLength(CUSTOMER_COUNT);
  });
});
