import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { beforeAll, afterAll, describe, expect, test } from "vitest";
import type { Engine } from "../src/engines/engine.js";
import { CELL_TYPES } from "../src/mapping.js";
import { readFunctions } from "../src/relation.js";
import { quoteText } from "../src/sql.js";
import { ENGINES, rowOf } from "./engines/warehouse.js";

describe.each(ENGINES)("$name", ({ name, open }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  const value = async (sql: string) => (await rowOf(engine, `select ${sql} as value`))["value"];
  const cell = (text: string | null) => (text === null ? "empty_text()" : quoteText(text));

  /** Reads through a relation and refuses days that cannot be meant, as staging does. */
  const parsed = async (type: string, text: string | null) => {
    await engine.create("raw.cell", `select ${cell(text)} as cell`);
    const read = `parse_${type}(cell)`;
    const kept = type.startsWith("date") ? `case when is_plausible(${read}) then ${read} end` : read;
    return (await rowOf(engine, `select ${kept} as value from raw.cell`))["value"];
  };

  /** Cells and what they are read as, by how the mapping says they are written. */
  const CELLS: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
    text: [
      ["a", "a"],
      ["  a b\t", "a b"],
      ["\u3000客户 \u00a0", "客户"],
      ["   ", null],
      ["\u3000", null],
      ["\u00a0a", "a"],
      ["007", "007"],
      ["it's", "it's"],
      ["a\nb", "a\nb"],
    ],
    email: [
      [" Ann.Lee@Example.COM ", "ann.lee@example.com"],
      ["  ", null],
    ],
    phone: [[" +49 30 1234 ", "+49 30 1234"]],
    tax_id: [
      ["de 123-456.789", "DE123456789"],
      ["91310000-MA1K35X", "91310000MA1K35X"],
      [" - ", null],
    ],
    integer: [
      ["12", 12],
      [" 12 ", 12],
      ["-7", -7],
      ["007", 7],
      ["1.5", null],
      ["1.0", null],
      ["abc", null],
      ["99999999999999999999", null],
    ],
    decimal: [
      ["1,234.56", 1234.56],
      ["1234.56", 1234.56],
      ["120.50-", -120.5],
      ["(12.5)", -12.5],
      ["(1,234.50)", -1234.5],
      ["-0.10", -0.1],
      ["+3", 3],
      ["¥1,234", 1234],
      ["￥ 12.30", 12.3],
      ["€-5.00", -5],
      ["-$5.00", -5],
      ["£1,234,567.89", 1234567.89],
      [" 7 ", 7],
      [".5", 0.5],
      ["5.", 5],
      ["0", 0],
      ["1'234.50", 1234.5],
      ["1’234’567.5", 1234567.5],
      ["-1 234.50", -1234.5],
      ["1\u00a0234.50 €", 1234.5],
      ["1\u202f234\u202f567", 1234567],
      ["1,234.50元", 1234.5],
      ["1'234,567", null],
      ["1 23", null],
      ["12'34", null],
      ["1,23", null],
      ["1,2345", null],
      ["12,34,567", null],
      ["1.234,56", null],
      ["1.2.3", null],
      ["12 34", null],
      ["abc", null],
      ["1O", null],
      ["约35", null],
      ["5-3", null],
      ["(5", null],
      ["5)", null],
      ["(-5)", null],
      ["-(5)", null],
      ["(5-)", null],
      ["-5-", null],
      ["-$-5", null],
      ["--5", null],
      ["-", null],
      ["", null],
      ["NaN", null],
      ["Infinity", null],
      ["0x10", null],
      ["1.5E+03", 1500],
      ["999999999999999999999", null],
    ],
    decimal_comma: [
      ["1.234,56", 1234.56],
      ["1234,56", 1234.56],
      ["120,50-", -120.5],
      ["-0,10", -0.1],
      ["12,50 €", 12.5],
      ["(12,5)", -12.5],
      ["1.234.567", 1234567],
      ["1 234,50", 1234.5],
      ["147,82\u00a0€", 147.82],
      ["1\u202f234\u202f567,5", 1234567.5],
      ["1'234,50", 1234.5],
      ["1 234.567", null],
      ["12", 12],
      ["1,234.56", null],
      ["1.23", null],
      ["12.5", null],
      ["1,2,3", null],
      ["(5", null],
      ["(-5)", null],
      ["--5", null],
      ["-5-", null],
      ["abc", null],
    ],
    minor_units: [
      ["1999", 19.99],
      ["-5", -0.05],
      ["0", 0],
      [" 100 ", 1],
      ["12.5", null],
      ["12.0", null],
      ["12.5O", null],
    ],
    boolean: [
      ["true", true],
      ["TRUE", true],
      [" Yes ", true],
      ["y", true],
      ["1", true],
      ["是", true],
      ["真", true],
      ["false", false],
      ["No", false],
      ["0", false],
      ["否", false],
      ["假", false],
      ["2", null],
      ["maybe", null],
      ["on", null],
    ],
    date: [
      ["2024-02-29", "2024-02-29"],
      ["2024-02-30", null],
      ["2023-02-29", null],
      ["2024-13-01", null],
      ["2024/2/5", "2024-02-05"],
      ["2024/2/30", null],
      ["2024年3月5日", "2024-03-05"],
      ["2024.03.05", "2024-03-05"],
      ["20240305", "2024-03-05"],
      [" 2024-03-05 ", "2024-03-05"],
      ["2024-3-5", "2024-03-05"],
      ["2024-03-05 10:15:00", "2024-03-05"],
      ["2024-03-05T10:15:00Z", "2024-03-05"],
      ["2024/03/05 10:15", "2024-03-05"],
      ["2024/3/5 9:05:00", "2024-03-05"],
      ["2024-02-30 10:15:00", null],
      ["05.03.2024", null],
      ["24-03-05", null],
      ["5-Mar-2024", "2024-03-05"],
      ["05-MAR-24", "2024-03-05"],
      ["05 March 2024", "2024-03-05"],
      ["Mar 5, 2024", "2024-03-05"],
      ["5/mar/2024 10:15", "2024-03-05"],
      ["05/Mar/24", "2024-03-05"],
      ["5-March-2024 ", "2024-03-05"],
      ["March 05, 24", "2024-03-05"],
      ["30-Feb-2024", null],
      ["5-Mrz-2024", null],
      ["1899-12-31", null],
      ["1900-01-01", "1900-01-01"],
      ["2999-12-31", "2999-12-31"],
      ["3000-01-01", null],
      ["yesterday", null],
      ["infinity", null],
      ["epoch", null],
      ["45000", null],
      ["2024", null],
      ["2024-03", null],
      ["2024-03-05abc", null],
      ["2024-03-05 abc", null],
    ],
    date_dmy: [
      ["05.03.2024", "2024-03-05"],
      ["5.3.2024", "2024-03-05"],
      ["31/12/2024", "2024-12-31"],
      ["29-02-2024", "2024-02-29"],
      ["30.02.2024", null],
      ["12/31/2024", null],
      ["05.03.2024 10:15", "2024-03-05"],
      ["2024-03-05", null],
      ["05.03.24", "2024-03-05"],
      ["31/12/68", "2068-12-31"],
      ["31/12/69", "1969-12-31"],
      ["31/12/024", null],
    ],
    date_serial: [
      ["45356", "2024-03-05"],
      ["45356.75", "2024-03-05"],
      ["61", "1900-03-01"],
      ["60", null],
      ["401768", "2999-12-31"],
      ["401769", null],
      ["2024-03-05", null],
    ],
    date_mdy: [
      ["03/05/2024", "2024-03-05"],
      ["3/5/2024", "2024-03-05"],
      ["12/31/2024", "2024-12-31"],
      ["31/12/2024", null],
      ["02-29-2024", "2024-02-29"],
      ["02/30/2024", null],
      ["3/5/24", "2024-03-05"],
    ],
    moment: [
      ["2024-03-05T10:15:00Z", "2024-03-05T10:15:00.000Z"],
      ["2024-03-05T10:15:00+08:00", "2024-03-05T02:15:00.000Z"],
      ["2024-03-05 10:15:00.250-05:30", "2024-03-05T15:45:00.250Z"],
      ["2024-03-05 10:15", "2024-03-05T10:15:00.000Z"],
      ["2024-03-05", "2024-03-05T00:00:00.000Z"],
      [" 2024-03-05 10:15:00 ", "2024-03-05T10:15:00.000Z"],
      ["2024-02-30T10:15:00Z", null],
      ["2024-13-01T09:00:00Z", null],
      ["2024-03-05 25:00:00", null],
      ["yesterday", null],
      ["infinity", null],
      ["3024-03-05", null],
    ],
    epoch_seconds: [
      ["0", "1970-01-01T00:00:00.000Z"],
      ["1709633700", "2024-03-05T10:15:00.000Z"],
      [" 1709633700 ", "2024-03-05T10:15:00.000Z"],
      ["-1", "1969-12-31T23:59:59.000Z"],
      ["1709633700000", null],
      ["not-a-time", null],
    ],
    epoch_milliseconds: [
      ["1709633700250", "2024-03-05T10:15:00.250Z"],
      ["abc", null],
      ["99999999999999999", null],
    ],
  };

  test("every way to write a cell has its function and its cases", () => {
    expect(Object.keys(CELLS).sort()).toEqual([...CELL_TYPES].sort());
  });

  describe.each(CELL_TYPES)("a cell of type %s", (type) => {
    test.each(CELLS[type]!)("%j is read as %j", async (text, expected) => {
      expect(await parsed(type, text)).toEqual(expected);
    });

    test("nothing is read as nothing", async () => {
      expect(await parsed(type, null)).toBeNull();
      expect(await parsed(type, "")).toBeNull();
    });

    test("no text whatever stops the query", async () => {
      const texts = fc.sample(fc.string({ unit: "grapheme", maxLength: 12 }), { numRuns: 300, seed: 1 });
      const digits = fc.sample(
        fc.string({ unit: fc.constantFrom(..."0123456789.,-+()/: eE¥年月日"), maxLength: 24 }),
        { numRuns: 700, seed: 2 },
      );
      const rows = [...texts, ...digits].map((text) => `(${quoteText(text.replaceAll("\0", ""))})`);
      await engine.create("raw.cells", `select * from (values ${rows.join(", ")}) as cells (cell)`);
      const count = await rowOf(
        engine,
        `select count(parse_${type}(cell)) as n, count(*) as rows from raw.cells`,
      );
      expect(count["rows"]).toBe(1000);
    });
  });

  test("amounts are exact to four decimals, however they are written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
        fc.constantFrom("minus before", "minus behind", "parentheses"),
        fc.boolean(),
        async (units, style, isGrouped) => {
          const digits = (units < 0n ? -units : units).toString().padStart(5, "0");
          const whole = digits.slice(0, -4);
          const fraction = digits.slice(-4);
          const grouped = isGrouped ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
          const written = (text: string) => {
            if (units >= 0n) return text;
            return style === "minus before"
              ? `-${text}`
              : style === "minus behind"
                ? `${text}-`
                : `(${text})`;
          };
          const exact = `${units < 0n ? "-" : ""}${whole}.${fraction}`;
          const point = written(`${grouped}.${fraction}`);
          const comma = written(`${grouped.replaceAll(",", ".")},${fraction}`);
          const row = await rowOf(
            engine,
            `select cast(parse_decimal(${quoteText(point)}) as varchar) as point, cast(parse_decimal_comma(${quoteText(comma)}) as varchar) as comma`,
          );
          expect(row).toEqual({ point: exact, comma: exact });
        },
      ),
      { numRuns: 150, seed: 3 },
    );
  });

  test("every day of the calendar's 400 years from 1900 on, and of a month of each year to 2999, is read in every way dates are written", async () => {
    await engine.create(
      "raw.days",
      `select d from (select cast(date '1900-01-01' + cast(range as integer) as date) as d from range(401767)) as all_days
        where d <= date '2999-12-31' and (year(d) < 2300 or month(d) = 1 + year(d) % 12)`,
    );
    const ends = await rowOf(engine, "select year(min(d)) as first, year(max(d)) as last from raw.days");
    expect(ends).toEqual({ first: 1900, last: 2999 });
    const ways = [
      ["date", "strftime(d, '%Y-%m-%d')"],
      ["date", "strftime(d, '%Y%m%d')"],
      ["date", "year(d) || '/' || month(d) || '/' || day(d)"],
      ["date", "year(d) || '年' || month(d) || '月' || day(d) || '日'"],
      ["date_dmy", "day(d) || '.' || month(d) || '.' || year(d)"],
      ["date_mdy", "strftime(d, '%m/%d/%Y')"],
    ] as const;
    for (const [type, written] of ways) {
      const wrong = await rowOf(
        engine,
        `select count(*) as n from raw.days where coalesce(parse_${type}(${written}) <> d, 1 = 1)`,
      );
      expect({ written, n: wrong["n"] }).toEqual({ written, n: 0 });
    }
  }, 60_000);

  test.each([
    ["empty_text", "Utf8"],
    ["empty_integer", "Float64"],
    ["empty_decimal", "Float64"],
    ["empty_number", "Float64"],
    ["empty_boolean", "Bool"],
    ["empty_date", "Date32<DAY>"],
    ["empty_moment", "Timestamp<MILLISECOND>"],
  ])("%s is nothing, typed", async (macro, type) => {
    for await (const batch of engine.read(`select ${macro}() as value`)) {
      expect(String(batch.schema.fields[0]!.type)).toBe(type);
      expect(batch.getChildAt(0)!.get(0)).toBeNull();
    }
  });

  test.each([
    ["joined_text('Ann', 'Lee')", "Ann Lee"],
    ["joined_text('Ann', empty_text())", "Ann"],
    ["joined_text(empty_text(), 'Lee')", "Lee"],
    ["joined_text(empty_text(), empty_text())", null],
    ["is_plausible(date '1899-12-31')", false],
    ["is_plausible(date '1900-01-01')", true],
    ["is_plausible(date '2999-12-31')", true],
    ["is_plausible(date '3000-01-01')", false],
    ["is_plausible(empty_date())", null],
    ["parse_minor_units('1999', 'eur')", 19.99],
    ["parse_minor_units('1999', 'JPY')", 1999],
    ["parse_minor_units('1999', 'krw')", 1999],
    ["parse_minor_units('1999', 'KWD')", 1.999],
    ["parse_minor_units('1999', empty_text())", 19.99],
    ["parse_minor_units('500', 'ISK')", 500],
    ["parse_minor_units('500', 'ISK', 0.010)", 5],
    ["parse_minor_units('500', 'KWD', empty_decimal())", 0.5],
    ["parse_minor_units('12.5', 'JPY')", null],
    ["parse_minor_units('9999999999999999', 'JPY')", null],
    ["minor_unit('CLP')", 1],
    ["minor_unit('tnd')", 0.001],
    ["is_plain_day(date '1900-01-01')", false],
    ["is_plain_day(date '1900-01-02')", true],
    ["is_plain_day(date '2999-12-31')", true],
    ["is_plain_day(date '3000-01-01')", false],
    ["is_plain_day(empty_date())", null],
    ["is_signed_once('5')", true],
    ["is_signed_once('- 5')", true],
    ["is_signed_once('5-')", true],
    ["is_signed_once(' (5) ')", true],
    ["is_signed_once('(5')", false],
    ["is_signed_once('5)')", false],
    ["is_signed_once('(-5)')", false],
    ["is_signed_once('-5-')", false],
    ["signed_digits('(1,5)', '[^0-9]')", "-15"],
    ["days_between(date '2024-02-28', date '2024-03-01')", 2],
    ["days_between(date '2024-03-01', date '2024-02-28')", -2],
    ["days_before(date '2024-03-01', 1)", "2024-02-29"],
    ["days_before(date '2024-03-01', -1)", "2024-03-02"],
    ["is_within(date '2024-03-01', date '2024-03-01', 1)", true],
    ["is_within(date '2024-02-29', date '2024-03-01', 1)", false],
    ["is_within(date '2024-03-02', date '2024-03-01', 30)", false],
    ["is_within(empty_date(), date '2024-03-01', 30)", null],
    ["hours_between(parse_moment('2024-03-05T10:15:00Z'), parse_moment('2024-03-06T09:45:00Z'))", 23.5],
    ["month_of(date '2024-02-29')", "2024-02-01"],
    ["months_between(date '2023-12-31', date '2024-02-01')", 2],
    ["months_between(date '2024-02-01', date '2023-12-31')", -2],
    ["months_before(date '2024-03-31', 1)", "2024-02-29"],
    ["months_before(date '2024-02-29', 12)", "2023-02-28"],
    ["months_before(date '2024-01-31', -1)", "2024-02-29"],
    ["days_a_month()", 365.2425 / 12],
    ["day_of(parse_moment('2024-03-05T23:59:59.999Z'))", "2024-03-05"],
    ["parse_date('2024-03-05 23:30:00 -0500')", "2024-03-05"],
    ["parse_date('2024-03-05 00:30:00 +0800')", "2024-03-05"],
    ["parse_date('2024-03-05T23:30:00+08:00')", "2024-03-05"],
    ["parse_date('2024-03-05 23:30:00 UTC')", "2024-03-05"],
    ["parse_date('2024-03-05 23:30:00.5Z')", "2024-03-05"],
    ["parse_date('2024-03-05 25:30:00 -0500')", null],
    ["parse_date('2024-03-05 23:30:00 PST')", "2024-03-05"],
    ["parse_date('2024-03-05 23:30:00' || chr(9))", "2024-03-05"],
    ["bare(chr(9) || ' a b ' || chr(9))", "a b"],
    ["parse_date_dmy('05.03.2024' || chr(9))", "2024-03-05"],
    ["parse_date('2024-03-05 23:30:00 +8')", "2024-03-05"],
    ["day_of(parse_moment('2024-03-05T23:30:00-01:00'))", "2024-03-06"],
    ["to_number(1.5)", 1.5],
    ["to_exact(2e0 / 3e0)", 0.666666667],
    ["to_square(cast(-12.5 as decimal(18, 2)))", 156.25],
    ["place_by_hash(17) = place_by_hash(17) and place_by_hash(17) between 0 and 999", true],
    ["round(raised_chance(0.5e0, 2e0), 12)", 0.75],
    ["round(raised_chance(0.1e0, 1e0), 12)", 0.1],
    ["raised_chance(0.9e0, 40e0)", 0.99],
    ["raised_chance(0e0, 3e0)", 0],
    ["raised_chance(1e0, 0.05e0) < 0.3", true],
    ["round(raised_chance(0.3e0, rate_factor(1200, 600e0, 2000, 0e0)), 12)", 0.6],
    ["round(raised_chance(0.8e0, rate_factor(800, 1600e0, 2000, 0e0)), 12)", 0.4],
    ["round(raised_chance(0.3e0, rate_factor(20, 10e0, 100, 10e0)), 6)", 0.42315],
    ["rate_factor(0, 0e0, 0, 10e0)", 1],
    ["rhythm_class(0, 90e0)", 0],
    ["rhythm_class(44, 90e0)", 1],
    ["rhythm_class(45, 90e0)", 2],
    ["rhythm_class(179, 90e0)", 7],
    ["to_key(rhythm_class(180, 90e0)) || to_key(rhythm_class(269, 90e0))", "88"],
    ["to_key(rhythm_class(270, 90e0)) || to_key(rhythm_class(449, 90e0))", "99"],
    ["to_key(rhythm_class(450, 90e0)) || to_key(rhythm_class(9000, 90e0))", "1010"],
    ["to_key(times_class(1)) || to_key(times_class(2)) || to_key(times_class(3))", "123"],
    [
      "to_key(times_class(4)) || to_key(times_class(5)) || to_key(times_class(8)) || to_key(times_class(9))",
      "3445",
    ],
    ["to_integer(7)", 7],
    ["to_money(12.3)", 12.3],
    ["to_key(to_cents(150000000000000.30))", "150000000000000.30"],
    [
      "(select money_sum(amount) from (select to_money(6e13) as amount union all select to_money(60000000000000.25)) as amounts)",
      120000000000000.25,
    ],
    ["(select money_sum(amount) from (select to_money(1) as amount where 1 = 0) as amounts)", null],
    ["money_at(cast(12.3456 as decimal(18, 4)), empty_decimal())", 12.35],
    ["money_at(cast(12.5 as decimal(18, 4)), cast(0.1 as decimal(18, 4)))", 1.25],
    ["money_at(cast(1000000 as decimal(18, 4)), cast(25000 as decimal(18, 4)))", 25e9],
    ["to_key(money_times(to_money(60000000000000.25), 1000000))", "60000000000000250000.00"],
    ["to_key(money_product(cast(2.5 as decimal(18, 4)), cast(0.1234 as decimal(18, 4))))", "0.3085"],
    [
      "to_key(money_product(cast(20000000000 as decimal(18, 4)), cast(-2.5001 as decimal(18, 4))))",
      "-50002000000.0000",
    ],
    ["money_product(cast(1e13 as decimal(18, 4)), cast(1e13 as decimal(18, 4)))", null],
    ["money_product(empty_decimal(), cast(1 as decimal(18, 4)))", null],
    ["to_key(12)", "12"],
    ["ratio(1, 4)", 0.25],
    ["ratio(1, 0)", null],
    ["ratio(empty_decimal(), 2)", null],
    ["digits_of('+49 (30) 12-34')", "49301234"],
    ["phone_digits('+49 (0)30 12-34')", "49301234"],
    ["phone_digits('n/a')", ""],
    ["position_of('@', 'ann@firm.example')", 4],
    ["position_of('@', 'ann')", 0],
    ["money_text(cast(1972 as decimal(18, 2)), '€')", "€1,972"],
    ["money_text(cast(-1234567.5 as decimal(18, 2)), '¥')", "-¥1,234,567.50"],
    ["money_text(cast(0 as decimal(18, 2)), '')", "0"],
    ["money_text(cast(999999999999.99 as decimal(18, 2)), 'CHF ')", "CHF 999,999,999,999.99"],
    ["money_text(empty_decimal(), '€')", null],
    ["mask_name('Ann Lee')", "A*** L***"],
    ["mask_name('Ann')", "A***"],
    ["mask_name('张三')", "张***"],
    ["mask_name('')", ""],
    ["mask_name(empty_text())", null],
    ["mask_name('Ann Maria Lee')", "A*** M***"],
    ["shown_name('Ann Lee', 'person', true)", "A*** L***"],
    ["shown_name('Ann Lee', 'person', false)", "Ann Lee"],
    ["shown_name('Lee Ltd', 'company', true)", "Lee Ltd"],
    ["shown_name('Ann Lee', empty_text(), true)", "A*** L***"],
    ["shown_name('Ann Lee', empty_text(), empty_boolean())", "Ann Lee"],
    ["shown_name(empty_text(), 'person', true)", null],
    ["safe_cell('=1+1')", "'=1+1"],
    ["safe_cell('+49 30')", "'+49 30"],
    ["safe_cell('@SUM(1)')", "'@SUM(1)"],
    ["safe_cell('-cmd')", "'-cmd"],
    ["safe_cell(chr(9) || '=1')", "'\t=1"],
    ["safe_cell(chr(13) || '=1')", "'\r=1"],
    ["safe_cell('-12.5')", "-12.5"],
    ["safe_cell('a=1')", "a=1"],
    ["safe_cell('')", ""],
    ["safe_cell(empty_text())", null],
  ])("%s is %j", async (sql, expected) => {
    expect(await value(sql)).toEqual(expected);
  });

  test("quantile_at is the R-7 quantile", async () => {
    const sample = "(values (1), (2), (4), (8), (16)) as sample (x)";
    const row = await rowOf(
      engine,
      `select quantile_at(x, 0) as least, quantile_at(x, 0.25) as low, quantile_at(x, 0.4) as between, quantile_at(x, 1) as most from ${sample}`,
    );
    // R: quantile(c(1, 2, 4, 8, 16), c(0, .25, .4, 1), type = 7)
    expect(row["least"]).toBe(1);
    expect(row["low"]).toBe(2);
    expect(row["between"]).toBeCloseTo(3.2, 12);
    expect(row["most"]).toBe(16);
  });

  test("quantile_among is quantile_at at one of several shares", async () => {
    const sample = "(values (1), (2), (4), (8), (16), (null)) as sample (x)";
    const row = await rowOf(
      engine,
      `select quantile_among(x, [0.25e0, 0.4e0], 1) as low, quantile_among(x, [0.25e0, 0.4e0], 2) as between,
        quantile_among(x, [0.25e0, 0.4e0], 2) = quantile_at(x, 0.4e0) as is_same from ${sample}`,
    );
    expect(row["low"]).toBe(2);
    expect(row["between"]).toBeCloseTo(3.2, 12);
    expect(row["is_same"]).toBe(true);
  });

  test("short_hash tells 100,000 keys apart and is the same each time", async () => {
    await engine.create("raw.keys", "select short_hash(to_key(range)) as h from range(100000)");
    expect(await rowOf(engine, "select count(distinct h) as n from raw.keys")).toEqual({ n: 100_000 });
    expect(await value("short_hash('x') = short_hash('x')")).toBe(true);
    expect(await value("short_hash('x') = short_hash('y')")).toBe(false);
  });

  test("key_hash tells keys apart by each of their parts", async () => {
    const row = await rowOf(
      engine,
      `select key_hash('a', 'b', 'c') = key_hash('a', 'b', 'c') as same, key_hash('a', 'b', 'c') = key_hash('ab', '', 'c') as shifted,
        key_hash('a', 'b', 'c') = key_hash('a', 'c', 'b') as swapped`,
    );
    expect(row).toEqual({ same: true, shifted: false, swapped: false });
  });

  test("may_repeat is true of every group that holds a value twice, and of few of those that do not", async () => {
    const groups = (count: number, values: string) =>
      `(select g.range as g, ${values} as x from range(1000) as g, range(${count}) as v)`;
    const flagged = async (rows: string) =>
      (
        await rowOf(
          engine,
          `select count(*) as n from (select g from ${rows} as rows group by g having may_repeat(x)) as f`,
        )
      )["n"];
    expect(await flagged(groups(3, "key_hash(g.range, v.range % 2, 'x')"))).toBe(1000);
    expect(await flagged(groups(70, "key_hash(g.range, v.range, 'x')"))).toBe(1000);
    expect(await flagged(groups(3, "key_hash(g.range, v.range, 'x')"))).toBeLessThan(150);
    expect(await flagged(groups(1, "empty_text()"))).toBe(0);
  });

  test("days in a list are counted once each, all of them or those after a day", async () => {
    const days = ["2025-01-31", "2025-01-31", "2025-02-01", "2025-03-01"].map(
      (day) => `(cast('${day}' as date))`,
    );
    const after = "count_days_after(days, cast('2025-01-31' as date)) as later";
    const from = `(select day_list(d) as days from (values ${days.join(", ")}, (empty_date())) as sample (d)) as listed`;
    expect(await rowOf(engine, `select count_days(days) as n, ${after} from ${from}`)).toEqual({
      n: 3,
      later: 2,
    });
  });

  test("joined_texts lists texts in their order", async () => {
    const rows = "(values ('sms'), (empty_text()), ('email')) as sample (t)";
    expect(await rowOf(engine, `select joined_texts(t) as t from ${rows}`)).toEqual({ t: "email, sms" });
  });

  test("normal_cdf is within 7.5e-8 of the normal distribution (NIST table values)", async () => {
    const table = [
      [0, 0.5],
      [0.5, 0.69146246127],
      [1, 0.84134474607],
      [1.6448536269514722, 0.95],
      [1.959963984540054, 0.975],
      [2.5758293035489004, 0.995],
      [4, 0.99996832876],
      [8, 1],
    ] as const;
    for (const [z, expected] of table) {
      expect(Math.abs(((await value(`normal_cdf(${z}e0)`)) as number) - expected)).toBeLessThan(7.5e-8);
      expect(Math.abs(((await value(`normal_cdf(-${z}e0)`)) as number) - (1 - expected))).toBeLessThan(
        7.5e-8,
      );
    }
    expect(await value("normal_cdf(cast(null as double))")).toBeNull();
    expect(await value("normal_tail(1e0)")).toBeCloseTo(0.15865525393, 7);
  });

  describe("phone_e164", () => {
    const e164 = (text: string, callingCode: string) =>
      value(`phone_e164(${quoteText(text)}, ${quoteText(callingCode)})`);
    const COUNTRIES = { CN: "86", DE: "49", US: "1", GB: "44" } as const;
    const NUMBERS: readonly (readonly [keyof typeof COUNTRIES, string])[] = [
      ["CN", "138 1234 5678"],
      ["CN", "13812345678"],
      ["CN", "+86 138-1234-5678"],
      ["CN", "0086 13812345678"],
      ["CN", "86 138 1234 5678"],
      ["CN", "8613812345678"],
      ["CN", "021-6234 5678"],
      ["CN", "(021) 62345678"],
      ["CN", "+86 21 6234 5678"],
      ["CN", "+86 (0)21 6234 5678"],
      ["DE", "030 12345678"],
      ["DE", "(030) 1234-5678"],
      ["DE", "+49 30 12345678"],
      ["DE", "0049 30 12345678"],
      ["DE", "+49 (0) 30 12345678"],
      ["DE", "0151 23456789"],
      ["US", "(415) 555-2671"],
      ["US", "415.555.2671"],
      ["US", "+1 415 555 2671"],
      ["US", "1-415-555-2671"],
      ["GB", "020 7946 0958"],
      ["GB", "+44 20 7946 0958"],
      ["GB", "+44 (0)20 7946 0958"],
      ["GB", "0044 20 7946 0958"],
      ["GB", "07400 123456"],
    ];

    test.each(NUMBERS)("%s %s is what libphonenumber makes of it", async (country, text) => {
      const known = parsePhoneNumberFromString(text, country)?.number;
      expect(known).toMatch(/^\+/);
      expect(await e164(text, COUNTRIES[country])).toBe(known);
    });

    test("nothing to call is nothing", async () => {
      expect(await e164("n/a", "49")).toBeNull();
      expect(await e164("", "49")).toBeNull();
      expect(await e164("+", "49")).toBeNull();
      expect(await value("phone_e164(empty_text(), '49')")).toBeNull();
    });

    test("a number of another country keeps its own code", async () => {
      expect(await e164("+44 20 7946 0958", "49")).toBe("+442079460958");
      expect(await e164("0044 20 7946 0958", "86")).toBe("+442079460958");
    });
  });

  test("day_zero() is where numbered days begin", async () => {
    expect(await value("days_between(day_zero(), cast('1970-01-31' as date))")).toBe(30);
  });

  test("every function has a case here", () => {
    const defined = [...readFunctions(name).matchAll(/create or replace macro (\w+)\(/g)].map(
      ([, macro]) => macro!,
    );
    const here = readFileSync(new URL(import.meta.url), "utf8");
    const isTested = (macro: string) =>
      macro.startsWith("parse_")
        ? CELLS[macro.slice("parse_".length)] !== undefined
        : new RegExp(`\\b${macro}\\b`).test(here);
    expect(defined.length).toBeGreaterThan(30);
    expect(defined.filter((macro) => !isTested(macro))).toEqual([]);
  });
});
