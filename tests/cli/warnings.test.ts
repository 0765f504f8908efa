import { describe, expect, test } from "vitest";
import { shopOrders, ordersCsv } from "./orders.js";
import { crmAnalyze, expectSuccess, folderOfTest } from "./process.js";

const ORDERS = ordersCsv(shopOrders(), "C01,2030-01-01,9");
const LINES = ["order,customer,date,item,amount", "1,A,2025-01-02,tea,9", "1,A,2025-01-02,milk,9"].join("\n");
const SEGMENTS = `customer_id,age,spend\n${Array.from({ length: 40 }, (_, i) => `K${i},${20 + (i % 7)},${i * i}`).join("\n")}\n,30,5\n`;
const LABELLED = `id,tenure,left\n${Array.from({ length: 200 }, (_, i) => `K${Math.max(1, i)},${1 + (i % 50)},${i % 4 === 0 ? "yes" : "no"}`).join("\n")}\n`;
const FUTURE = { code: "rows_after_date", gaps: { entity: "orders", count: 1, date: "2025-12-31" } };
const FUTURE_WORDS = [
  "orders: 1 row dated after 2025-12-31 stands among the rows used, but counts for nothing, as does what belongs to it",
  "orders：有 1 行日期晚于 2025-12-31，虽列在采用的行数中，但与所属明细均不参与计算",
];
const KEY_GAPS = (key: string) => ({ file: "file.csv", count: 1, key });

describe.concurrent("a Chinese reader of a bare file", () => {
  test.each([
    ["rfm", ORDERS, ["--as-of", "2025-12-31"], FUTURE, FUTURE_WORDS],
    ["value", ORDERS, ["--as-of", "2025-12-31"], FUTURE, FUTURE_WORDS],
    ["churn", ORDERS, ["--as-of", "2025-12-31"], FUTURE, FUTURE_WORDS],
    [
      "churn",
      LABELLED,
      ["--label", "left", "--id", "id"],
      { code: "key_repeats", gaps: KEY_GAPS("id") },
      [
        "file.csv: 1 row repeats a id; each row counts as a customer",
        "file.csv：有 1 行的 id 与其他行重复，每行按一位客户计",
      ],
    ],
    [
      "segments",
      SEGMENTS,
      ["--id", "customer_id"],
      { code: "key_missing", gaps: KEY_GAPS("customer_id") },
      [
        "file.csv: 1 row has no customer_id; it is called by its row's number",
        "file.csv：有 1 行没有 customer_id，以行号称呼",
      ],
    ],
    [
      "baskets",
      `${LINES}\n2,A,2025-02-02,tea,-9\n`,
      ["--exclude", "whisk"],
      { code: "rows_returned", gaps: { file: "file.csv", count: 1 } },
      [
        "file.csv: 1 row given back or of nothing is in no basket",
        "file.csv：有 1 行为退货，或金额、数量为零，不计入任何购物篮",
      ],
    ],
  ])(
    "%s: warned in Chinese on the terminal and in the report, in English in run.json",
    async (...[command, content, flags, detail, [english, chinese]]) => {
      const folder = folderOfTest({ "file.csv": content });
      const finished = await crmAnalyze(
        folder,
        command,
        "file.csv",
        ...flags,
        "--lang",
        "zh",
        "--out",
        "results",
      );
      expectSuccess(finished);
      expect(finished.stderr).toContain(`警告：${chinese!}`);
      expect(finished.stderr).not.toContain(english);
      expect(folder.read("results/report.html")).toContain(chinese);
      expect(folder.read("results/report.html")).not.toContain(english);
      const record = JSON.parse(folder.read("results/run.json")) as Record<string, unknown>;
      expect(record["warnings"]).toContain(english);
      expect(record["warning_details"]).toContainEqual(detail);
    },
    60_000,
  );
});
