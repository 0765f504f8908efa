import { expect, test } from "vitest";
import { phrase } from "../src/phrase.js";
import { textsIn } from "../src/texts/index.js";
import { warningWords } from "../src/warning-words.js";

const [english, chinese] = [textsIn("en"), textsIn("zh")];

test("a warning of a log is read in Chinese, with its files and numbers", () => {
  expect(warningWords("orders: 12 rows dated after 2025-12-31 are left out", chinese)).toBe(
    "orders：有 12 行日期晚于 2025-12-31，未采用",
  );
  expect(
    warningWords("a (1).csv: 3 rows have no customer.id; they are called by their row's number", chinese),
  ).toBe("a (1).csv：有 3 行没有 customer.id，以行号称呼");
  expect(warningWords('facts.orders: 1 row breaks "has_amount": order_id 7', chinese)).toBe(
    "facts.orders：有 1 行不满足“has_amount”：order_id 7",
  );
});

test.each(Object.entries(english.warnings))(
  "%s is known by its sentence, in either language",
  (name, template) => {
    const gaps = Object.fromEntries(
      Array.from(template.matchAll(/\{(\w+)\}/g), ([, gap]) => [gap!, `<${gap}>`]),
    );
    const told = phrase(template, gaps);
    expect(warningWords(told, english)).toBe(told);
    const translated = warningWords(told, chinese);
    expect(translated).toMatch(/[一-鿿]/);
    for (const gap of Object.values(gaps)) expect(translated).toContain(gap);
  },
);

test("a warning that has no words stays as it is", () => {
  expect(warningWords("baskets: something else", chinese)).toBe("baskets: something else");
});
