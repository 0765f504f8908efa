import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engines/engine.js";
import { CrmError } from "../../src/errors.js";
import { visitRecords } from "../../src/inputs/scan.js";
import { numberSql, quoteName, quoteText } from "../../src/sql.js";
import {
  collect,
  dayVector,
  momentVector,
  numbers,
  tableOf,
  textVector,
  texts,
  truthVector,
  type Table,
} from "../../src/table.js";
import { ENGINES, fileIn, openWarehouse, rowOf, rowsOf, tableRows, temporaryFolder } from "./warehouse.js";

const csv = (path: string, columns: readonly string[], delimiter = ",") =>
  ({ format: "csv", path, columns, delimiter, skippedLines: 1 }) as const;

const errorOf = async (action: Promise<unknown>): Promise<CrmError> => {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CrmError);
  return error as CrmError;
};

const batchesOf = async (engine: Engine, select: string): Promise<Table[]> => {
  const batches: Table[] = [];
  for await (const batch of engine.read(select)) batches.push(batch);
  return batches;
};

describe.each(ENGINES)("$name", (each) => {
  const { name } = each;
  const open = (signal?: AbortSignal) => openWarehouse(each, signal);

  test("is named as its functions file", async () => {
    expect((await open()).name).toBe(name);
  });

  describe("load", () => {
    test("gives the cells of a CSV as text, in file order, an empty cell as null", async () => {
      const engine = await open();
      const path = fileIn(temporaryFolder(), "a.csv", 'k,v\n2, 007 \n1,\n3,"a ""b"", c"\n');
      await engine.load("raw.a__b", csv(path, ["k", "v"]));
      expect(await rowsOf(engine, "select * from raw.a__b")).toEqual([
        { k: "2", v: " 007 " },
        { k: "1", v: null },
        { k: "3", v: 'a "b", c' },
      ]);
    });

    test("reads decimals and days as such where it is asked to", async () => {
      const engine = await open();
      const path = fileIn(temporaryFolder(), "a.csv", "k,v,d\n007,-1.25,2025-02-28\n8,,\n");
      const types = { v: "decimal", d: "date" } as const;
      await engine.load("raw.a__b", { ...csv(path, ["k", "v", "d"]), types });
      expect(await rowsOf(engine, "select * from raw.a__b")).toEqual([
        { k: "007", v: -1.25, d: "2025-02-28" },
        { k: "8", v: null, d: null },
      ]);
    });

    test.each(["1,1.5.2,2025-02-28", "1,1.5,2025-02-30", "1,1.5,2025-02-28 or so", "1,1.5"])(
      "fails at the record %j, and reads it as text when asked again",
      async (record) => {
        const engine = await open();
        const file = csv(fileIn(temporaryFolder(), "a.csv", `k,v,d\n${record}\n`), ["k", "v", "d"]);
        await engine.load("raw.a__b", { ...file, types: { v: "decimal", d: "date" } });
        await expect(engine.create("staged.a", "select * from raw.a__b")).rejects.toBeInstanceOf(CrmError);
        await engine.load("raw.a__b", file);
        await engine.create("staged.a", "select * from raw.a__b");
        const unreadable = await rowsOf(engine, "select * from raw.a__b__unreadable");
        expect(unreadable.length + (await rowsOf(engine, "select * from staged.a")).length).toBe(1);
      },
    );

    test.each([";", "\t", "|", "'", "^"])("splits by %j", async (delimiter) => {
      const engine = await open();
      const path = fileIn(temporaryFolder(), "a.csv", `k${delimiter}v\n1${delimiter}x,y\n`);
      await engine.load("raw.a__b", csv(path, ["k", "v"], delimiter));
      expect(await rowsOf(engine, "select * from raw.a__b")).toEqual([{ k: "1", v: "x,y" }]);
    });

    test("keeps 200,000 records in file order", async () => {
      const engine = await open();
      const lines = Array.from({ length: 200_000 }, (_, i) => `${i},${"x".repeat(i % 30)}`);
      const path = fileIn(temporaryFolder(), "a.csv", `k,v\n${lines.join("\n")}\n`);
      await engine.load("raw.a__b", csv(path, ["k", "v"]));
      await engine.create("staged.a", "select row_number() over () as place, k from raw.a__b");
      expect(
        await rowOf(
          engine,
          "select count(*) as n, sum(case when place = to_integer(k) + 1 then 0 else 1 end) as moved from staged.a",
        ),
      ).toEqual({ n: 200_000, moved: 0 });
    });

    test("gives a Parquet file as it is typed", async () => {
      const engine = await open();
      const path = join(temporaryFolder(), "a.parquet");
      await engine.save("select 1 as n, 'x' as t, date '2025-02-28' as d", path);
      await engine.load("raw.a__b", { format: "parquet", path });
      expect(await rowsOf(engine, "select * from raw.a__b")).toEqual([{ n: 1, t: "x", d: "2025-02-28" }]);
    });

    test.each([
      ["a quote", "it's.csv"],
      ["a semicolon", "a; drop table x.csv"],
      ["Chinese", "销售 订单.csv"],
      ["a double quote", 'a"b.csv'],
      ["brackets", "orders[1].csv"],
      ["a star", "or*ers.csv"],
      ["a question mark", "orders?.csv"],
      ["braces", "{orders}.csv"],
    ])("takes a path with %s as it stands", async (_, file) => {
      const engine = await open();
      const folder = temporaryFolder();
      fileIn(folder, "orders.csv", "k\nanother file\n");
      fileIn(folder, "orders1.csv", "k\nanother file\n");
      await engine.load("raw.a__b", csv(fileIn(folder, file, "k\n1\n"), ["k"]));
      expect(await rowsOf(engine, "select * from raw.a__b")).toEqual([{ k: "1" }]);
    });

    test("takes any heading as a column's name", async () => {
      const engine = await open();
      const headings = [
        `it's`,
        `a "b"`,
        "c; drop schema raw cascade; --",
        "客户 名称",
        "two\nlines",
        "{x: 1}",
        "select",
      ];
      const path = fileIn(temporaryFolder(), "a.csv", `h\n${headings.map((_, i) => i).join(",")}\n`);
      await engine.load("raw.a__b", csv(path, headings));
      const names = headings.map(quoteName).join(", ");
      expect(await rowsOf(engine, `select ${names} from raw.a__b`)).toEqual([
        Object.fromEntries(headings.map((heading, i) => [heading, String(i)])),
      ]);
    });

    test("a file that is not there is an engine error that names it", async () => {
      const engine = await open();
      const load = async () => {
        await engine.load("raw.a__b", csv(join(temporaryFolder(), "missing.csv"), ["k"]));
        await engine.create("staged.a", "select * from raw.a__b");
      };
      expect((await errorOf(load())).kind).toBe("engine");
    });
  });

  describe("unreadable records", () => {
    const lines = ["k,v", "1,a", "2", "3,b", '4,"x', 'y",z,z', "5,c,c", "6,d"];
    const broken = [3, 5, 7];

    test.each(["\n", "\r\n"])("are kept with a byte within them, line end %j", async (end) => {
      const engine = await open();
      const path = fileIn(temporaryFolder(), "a.csv", `${lines.join(end)}${end}`);
      await engine.load("raw.a__b", csv(path, ["k", "v"]));
      await engine.create("staged.a", "select * from raw.a__b");
      expect((await rowsOf(engine, "select k from staged.a")).map(({ k }) => k)).toEqual(["1", "3", "6"]);
      const unreadable = await rowsOf(engine, "select * from raw.a__b__unreadable order by byte_offset");
      const offsets = unreadable.map((row) => Number(row["byte_offset"]));
      const found: number[] = [];
      let start = 0;
      await visitRecords(path, { delimiter: ",", skippedLines: 1 }, ({ lineNumber, endOffset }) => {
        if (offsets.some((offset) => offset >= start && offset < endOffset)) found.push(lineNumber);
        start = endOffset;
      });
      expect(found).toEqual(broken);
      expect(new Set(unreadable.map(({ reason }) => reason))).toEqual(
        new Set(["missing columns", "too many columns"]),
      );
    });

    test("there are none, and the relation is there, where every record can be split", async () => {
      const engine = await open();
      await engine.load("raw.a__b", csv(fileIn(temporaryFolder(), "a.csv", "k\n1\n"), ["k"]));
      await engine.create("staged.a", "select * from raw.a__b");
      expect(
        await rowsOf(engine, "select byte_offset, column_name, reason from raw.a__b__unreadable"),
      ).toEqual([]);
    });

    test("are each file's own", async () => {
      const engine = await open();
      const folder = temporaryFolder();
      await engine.load("raw.a__b", csv(fileIn(folder, "a.csv", "k,v\n1\n"), ["k", "v"]));
      await engine.load("raw.a__b_2", csv(fileIn(folder, "b.csv", "k,v\n1,2\n"), ["k", "v"]));
      await engine.create("staged.a", "select * from raw.a__b union all select * from raw.a__b_2");
      const counted = (relation: string) =>
        rowOf(engine, `select count(*) as n from ${relation}__unreadable`);
      expect(await counted("raw.a__b")).toEqual({ n: 1 });
      expect(await counted("raw.a__b_2")).toEqual({ n: 0 });
    });
  });

  describe("create", () => {
    test("replaces what was there, can read what it replaces, and says how many rows there are", async () => {
      const engine = await open();
      expect(await engine.create("facts.a", "select range as n from range(5000) where range > 6000")).toBe(0);
      expect(await engine.create("facts.a", "select range as n from range(5000)")).toBe(5000);
      expect(await engine.create("facts.a", "select 1 as n")).toBe(1);
      await engine.create("facts.a", "select n + 1 as n, 'x' as t from facts.a");
      expect(await rowsOf(engine, "select * from facts.a")).toEqual([{ n: 2, t: "x" }]);
    });

    test("leaves what was there when the query fails", async () => {
      const engine = await open();
      await engine.create("facts.a", "select 1 as n");
      await errorOf(engine.create("facts.a", "select cast('x' as integer) as n"));
      expect(await rowsOf(engine, "select * from facts.a")).toEqual([{ n: 1 }]);
    });
  });

  describe("define", () => {
    test("follows what it rests on, and takes the place of a table as a table takes its", async () => {
      const engine = await open();
      await engine.create("facts.a", "select 1 as n");
      await engine.define("facts.b", "select n + 1 as n from facts.a");
      await engine.create("facts.a", "select 5 as n");
      expect(await rowsOf(engine, "select * from facts.b")).toEqual([{ n: 6 }]);
      await engine.create("facts.b", "select 7 as n");
      await engine.define("facts.a", "select n + 1 as n from facts.b");
      expect(await rowsOf(engine, "select * from facts.a")).toEqual([{ n: 8 }]);
    });
  });

  describe("write and read", () => {
    const everyType = tableOf({
      n: Float64Array.of(1.5, NaN, -1e300, 9_007_199_254_740_991),
      t: textVector(["a'b", null, "", '客户\n"; drop']),
      b: truthVector([true, null, false, true]),
      d: dayVector(Int32Array.of(0, 0, -25_567, 376_199), (row) => row !== 1),
      m: momentVector(BigInt64Array.of(0n, 0n, -1n, 32_503_679_999_999n), (row) => row !== 1),
    });
    const expected = [
      { n: 1.5, t: "a'b", b: true, d: "1970-01-01", m: "1970-01-01T00:00:00.000Z" },
      { n: null, t: null, b: null, d: null, m: null },
      { n: -1e300, t: "", b: false, d: "1900-01-01", m: "1969-12-31T23:59:59.999Z" },
      {
        n: 9_007_199_254_740_991,
        t: '客户\n"; drop',
        b: true,
        d: "2999-12-31",
        m: "2999-12-31T23:59:59.999Z",
      },
    ];

    test("every type of column comes back as it went in, nulls too", async () => {
      const engine = await open();
      await engine.write("results.a", [everyType]);
      const read = await collect(engine.read("select * from results.a"));
      expect(tableRows(read)).toEqual(expected);
      expect(read.schema.fields.map(({ type }) => String(type))).toEqual(
        everyType.schema.fields.map(({ type }) => String(type)),
      );
    });

    test("write replaces, and takes batches one after the other", async () => {
      const engine = await open();
      await engine.write("results.a", [everyType]);
      const batch = (from: number) => tableOf({ n: Float64Array.from({ length: 5000 }, (_, i) => from + i) });
      async function* batches() {
        yield batch(0);
        yield tableOf({ n: new Float64Array(0) });
        yield batch(5000);
      }
      await engine.write("results.a", batches());
      const read = numbers(await collect(engine.read("select * from results.a")), "n");
      expect(Array.from(read)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    });

    test("a column of nulls keeps its type", async () => {
      const engine = await open();
      const nothing = tableOf({ n: Float64Array.of(NaN), t: [null], b: truthVector([null]) });
      await engine.write("results.a", [nothing]);
      const read = await collect(engine.read("select n, t, b from results.a"));
      expect(tableRows(read)).toEqual([{ n: null, t: null, b: null }]);
      expect(read.schema.fields.map(({ type }) => String(type))).toEqual(["Float64", "Utf8", "Bool"]);
    });

    test("a table without rows becomes an empty relation", async () => {
      const engine = await open();
      await engine.write("results.a", [tableOf({ n: new Float64Array(0), t: [] })]);
      expect(await rowsOf(engine, "select n, t from results.a")).toEqual([]);
    });

    test("any heading is safe as a column's name", async () => {
      const engine = await open();
      const heading = `x"); drop schema results cascade; --`;
      await engine.write("results.a", [tableOf({ [heading]: Float64Array.of(1) })]);
      expect(await rowsOf(engine, "select * from results.a")).toEqual([{ [heading]: 1 }]);
    });

    test("an empty result has its columns, typed", async () => {
      const engine = await open();
      const select =
        "select 1 as n, 'x' as t, 1 = 1 as b, date '2025-01-01' as d, empty_moment() as m where 1 = 0";
      const batches = await batchesOf(engine, select);
      expect(batches).toHaveLength(1);
      expect(batches[0]!.numRows).toBe(0);
      expect(batches[0]!.schema.fields.map(({ name, type }) => [name, String(type)])).toEqual([
        ["n", "Float64"],
        ["t", "Utf8"],
        ["b", "Bool"],
        ["d", "Date32<DAY>"],
        ["m", "Timestamp<MILLISECOND>"],
      ]);
    });

    test("every SQL number is a double", async () => {
      const engine = await open();
      const select =
        "select cast(1 as smallint) as a, cast(2 as bigint) as b, cast(3.25 as decimal(18, 4)) as c, sum(4) as d, count(*) as e, cast(5.5 as double) as f";
      expect(await rowOf(engine, select)).toEqual({ a: 1, b: 2, c: 3.25, d: 4, e: 1, f: 5.5 });
    });

    test("rows come in batches and in order, whatever their number", async () => {
      const engine = await open();
      const n = Float64Array.from({ length: 200_001 }, (_, i) => i);
      const textAt = (i: number) => (i % 7 === 0 ? null : `t${i}`);
      await engine.write("results.a", [tableOf({ n, t: textVector(Array.from(n, textAt)) })]);
      for (const count of [65_535, 65_536, 65_537, 131_072, 200_001]) {
        const batches = await batchesOf(engine, `select n, t from results.a where n < ${count}`);
        expect(batches.length).toBe(Math.ceil(count / 65_536));
        let from = 0;
        for (const batch of batches) {
          const first = from;
          expect(numbers(batch, "n").findIndex((value, row) => value !== first + row)).toBe(-1);
          expect(texts(batch, "t").findIndex((text, row) => text !== textAt(first + row))).toBe(-1);
          from += batch.numRows;
        }
        expect(from).toBe(count);
      }
    });

    test("an empty batch does not follow a full one", async () => {
      const engine = await open();
      const rows = tableOf({ n: Float64Array.from({ length: 65_536 }, (_, i) => i) });
      await engine.write("results.a", [rows]);
      const sizes = (await batchesOf(engine, "select n from results.a")).map((batch) => batch.numRows);
      expect(sizes).toEqual([65_536]);
    });
  });

  describe("save", () => {
    test("writes CSV with headings, quotes where needed", async () => {
      const engine = await open();
      const path = join(temporaryFolder(), "a.csv");
      await engine.save(`select 'a,b' as t, 'x"y' as q, 1.50 as n, empty_text() as nothing order by t`, path);
      expect(readFileSync(path, "utf8")).toBe('t,q,n,nothing\n"a,b","x""y",1.50,\n');
    });

    test("writes an empty result with its headings", async () => {
      const engine = await open();
      const path = join(temporaryFolder(), "a.csv");
      await engine.save("select 1 as n, 'x' as t where 1 = 0", path);
      expect(readFileSync(path, "utf8")).toBe("n,t\n");
    });

    test.each(["a.csv", "a.parquet"])("takes any path: %s", async (file) => {
      const engine = await open();
      const folder = join(temporaryFolder(), `it's; "x" 客户`);
      mkdirSync(folder);
      await engine.save("select 1 as n", join(folder, file));
      expect(readFileSync(join(folder, file)).length).toBeGreaterThan(0);
    });

    test("Parquet keeps rows, order and types", async () => {
      const engine = await open();
      const path = join(temporaryFolder(), "a.parquet");
      await engine.create(
        "facts.a",
        "select 2 as n, cast(1.25 as decimal(18, 4)) as m union all select 1, null",
      );
      await engine.save("select * from facts.a order by n desc", path);
      await engine.load("raw.a__b", { format: "parquet", path });
      expect(await rowsOf(engine, "select * from raw.a__b")).toEqual([
        { n: 2, m: 1.25 },
        { n: 1, m: null },
      ]);
    });
  });

  describe("errors", () => {
    test.each(["secret.name@example.com", "O'Secret", "'secret'", `secret "x" 'y`])(
      "do not tell the cell %s",
      async (value) => {
        const engine = await open();
        await engine.create("staged.a", `select ${quoteText(value)} as cell`);
        const error = await errorOf(
          engine.create("facts.a", "select cast(cell as integer) as n from staged.a"),
        );
        expect(error.kind).toBe("engine");
        expect(error.exitCode).toBe(5);
        expect(error.message).not.toMatch(/secret/i);
        expect(error.message).toContain("facts.a");
        expect(error.hint ?? "").not.toMatch(/secret/i);
        expect(error.sql).toContain("select cast(cell as integer)");
      },
    );

    test("of a read come as engine errors too, in the middle of the rows as well", async () => {
      const engine = await open();
      expect((await errorOf(collect(engine.read("select nothing from facts.missing")))).kind).toBe("engine");
      await engine.create(
        "staged.a",
        "select case when range < 300000 then '1' else 'Secret' end as cell from range(300001)",
      );
      const error = await errorOf(collect(engine.read("select cast(cell as integer) as n from staged.a")));
      expect(error.kind).toBe("engine");
      expect(error.message).not.toContain("Secret");
    });

    test("of a save come as engine errors", async () => {
      const engine = await open();
      const path = join(temporaryFolder(), "no such folder", "a.csv");
      expect((await errorOf(engine.save("select 1 as n", path))).kind).toBe("engine");
    });

    test("leave the engine usable", async () => {
      const engine = await open();
      await errorOf(engine.create("facts.a", "select nonsense"));
      expect(await rowsOf(engine, "select 1 as n")).toEqual([{ n: 1 }]);
    });
  });

  describe("an abort signal", () => {
    const endless =
      "select count(*) as n from range(100000000) as a, range(100000000) as b where a.range * b.range % 7 = 1";

    test("stops the statement under way", async () => {
      const controller = new AbortController();
      const engine = await open(controller.signal);
      const reason = new Error("stopped by the user");
      const started = performance.now();
      setTimeout(() => controller.abort(reason), 100);
      await expect(engine.create("facts.a", endless)).rejects.toBe(reason);
      expect(performance.now() - started).toBeLessThan(3000);
    });

    test("stops a read", async () => {
      const controller = new AbortController();
      const engine = await open(controller.signal);
      const reason = new Error("stopped by the user");
      setTimeout(() => controller.abort(reason), 100);
      await expect(collect(engine.read(endless))).rejects.toBe(reason);
    });

    test("given before keeps every statement from starting", async () => {
      const controller = new AbortController();
      const engine = await open(controller.signal);
      controller.abort(new Error("stopped by the user"));
      await expect(engine.create("facts.a", "select 1 as n")).rejects.toThrow("stopped by the user");
    });
  });

  describe("literals", () => {
    test("any text comes back as it was quoted", async () => {
      const engine = await open();
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 30 }), async (text) => {
          const clean = text.replaceAll("\0", "");
          expect(await rowOf(engine, `select ${quoteText(clean)} as value`)).toEqual({ value: clean });
        }),
        { numRuns: 100, seed: 11 },
      );
    });

    test("any name comes back as it was quoted", async () => {
      const engine = await open();
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }), async (text) => {
          const clean = text.replaceAll("\0", "") || "x";
          const read = await collect(engine.read(`select 1 as ${quoteName(clean)}`));
          expect(read.schema.fields[0]!.name).toBe(clean);
        }),
        { numRuns: 100, seed: 11 },
      );
    });

    test("any finite number comes back as it was written, to the last bit", async () => {
      const engine = await open();
      await fc.assert(
        fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
          expect((await rowOf(engine, `select ${numberSql(value)} as value`))["value"]).toBe(value + 0);
        }),
        { numRuns: 100, seed: 11 },
      );
    });

    test.each([NaN, Infinity, -Infinity])("%d is refused", (value) => {
      expect(() => numberSql(value)).toThrow(RangeError);
    });
  });
});

test("one thread is at work until there are rows enough to share", async () => {
  const plain = await (await DuckDBInstance.create(":memory:")).connect();
  const cores = (await plain.runAndReadAll("select current_setting('threads')")).getRows()[0]![0];
  plain.closeSync();
  const threadsAfter = async (use: (engine: Engine) => Promise<unknown>) => {
    const engine = await openWarehouse();
    await use(engine);
    const [row] = await rowsOf(engine, "select current_setting('threads') as threads");
    return Number(row!["threads"]);
  };
  const rowsSql = (count: number) => `select 1 as one from range(${count})`;
  expect(await threadsAfter((engine) => engine.create("staged.few", rowsSql(122_880)))).toBe(1);
  expect(await threadsAfter((engine) => engine.create("staged.many", rowsSql(122_881)))).toBe(Number(cores));
  const load = (bytes: number) => (engine: Engine) =>
    engine.load("raw.lines", csv(fileIn(temporaryFolder(), "a.csv", "a\n".repeat(bytes / 2)), ["a"]));
  expect(await threadsAfter(load(8 * 1024 ** 2 - 2))).toBe(1);
  expect(await threadsAfter(load(8 * 1024 ** 2))).toBe(Number(cores));
});
