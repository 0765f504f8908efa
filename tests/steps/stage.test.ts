import { join } from "node:path";
import { writeXlsx } from "hucre/xlsx";
import { describe, expect, test } from "vitest";
import { ENTITIES, ENTITY_NAMES } from "../../src/entities.js";
import { CrmError } from "../../src/errors.js";
import { readMapping } from "../../src/mapping.js";
import { ingest } from "../../src/steps/ingest.js";
import { stage } from "../../src/steps/stage.js";
import { fileIn, openWarehouse, rowOf, rowsOf, temporaryFolder, type Row } from "../engines/warehouse.js";
import { warningRecords, type Warning } from "../../src/warning.js";

interface SourceText {
  readonly name?: string;
  readonly mapping: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** Ingests and stages small sources; each mapping is YAML below `files:`. */
async function staged(...sources: readonly SourceText[]) {
  const engine = await openWarehouse();
  const warnings: string[] = [];
  const plan = sources.map(({ name = "shop", mapping, files }) => {
    const directory = temporaryFolder();
    for (const [file, content] of Object.entries(files)) fileIn(directory, file, content);
    const path = fileIn(temporaryFolder(), "mapping.yml", `source: ${name}\nfiles:\n${mapping}`);
    return { name, directory, mapping: readMapping(path) };
  });
  const context = {
    engine,
    temporaryDirectory: temporaryFolder(),
    warn: (warning: Warning) => warnings.push(...warningRecords([warning]).warnings),
  };
  const inputs = await ingest(plan, context);
  const counts = await stage(engine, inputs, context);
  const rejects = await rowsOf(
    engine,
    "select file, line_number, column_name, value, reason from staged.rejects where not is_skipped order by file_id, line_number",
  );
  const rows = (select: string) => rowsOf(engine, select);
  return { engine, counts, rejects, rows, warnings, inputs };
}

describe("a price times a quantity", () => {
  const LINES = `  lines:
    file: orders.csv
    entity: order_lines
    columns:
      order_key: No
      customer_key: Customer
      order_date: Date
      line_amount: { column: Price, times: Pieces }
`;
  const lines = (...rows: readonly string[]) => ["No,Customer,Date,Price,Pieces", ...rows].join("\n") + "\n";
  const text = "1,a,2025-01-02,1.25,3\n2,a,2025-01-03,0.10,-12\n".trimEnd().split("\n");

  test("is the money of a row, whatever sign; what cannot be read is named by its own heading", async () => {
    const faulty = ["3,a,2025-01-02,x,3", "4,a,2025-01-02,2,three", "5,a,2025-01-02,2,", "6,a,2025-01-02,,2"];
    const { rows, rejects, counts } = await staged({
      mapping: LINES,
      files: { "orders.csv": lines(...text, ...faulty) },
    });
    expect(await rows("select order_key, line_amount from staged.order_lines order by order_key")).toEqual([
      { order_key: "1", line_amount: 3.75 },
      { order_key: "2", line_amount: -1.2 },
    ]);
    expect(rejects).toEqual([
      reject(4, "Price", "x", "not a number"),
      reject(5, "Pieces", "three", "not a number"),
      reject(6, "Pieces", null, "missing"),
      reject(7, "Price", null, "missing"),
    ]);
    expect(counts[0]).toMatchObject({ rowsIn: 6, rowsStaged: 2, rowsRejected: 4 });
  });

  test("with bytes that are not UTF-8 in the quantity is rejected for them", async () => {
    const bad = Buffer.concat([
      Buffer.from(lines(...text)),
      Buffer.from("3,a,2025-01-02,2,\u00fc\n", "latin1"),
    ]);
    const { rejects } = await staged({ mapping: LINES, files: { "orders.csv": bad } });
    expect(rejects).toEqual([reject(4, "Pieces", "\ufffd", "invalid encoding")]);
  });

  test("has pieces in pieces where prices are in cents", async () => {
    const mapping = LINES.replace("column: Price,", "column: Price, type: minor_units,");
    const { rows } = await staged({ mapping, files: { "orders.csv": lines("1,a,2025-01-02,1999,2") } });
    expect(await rows("select line_amount from staged.order_lines")).toEqual([{ line_amount: 39.98 }]);
  });

  test("needs both headings", async () => {
    const content = lines(...text).replace("Pieces", "Stück");
    const failed = staged({ mapping: LINES, files: { "orders.csv": content } });
    await expect(failed).rejects.toThrow('no column "Pieces" for line_amount');
  });
});

const ORDERS = `  orders:
    file: orders.csv
    entity: orders
    columns:
      order_key: No
      customer_key: Customer
      order_date: Date
      order_amount: Amount
`;

const orders = (...lines: readonly string[]) => ["No,Customer,Date,Amount", ...lines].join("\n") + "\n";
const orderRows = "select order_key, customer_key, order_date, order_amount from staged.orders";
const reject = (...[line, column, value, reason]: [number, string, string | null, string]): Row => ({
  file: "orders.csv",
  line_number: line,
  column_name: column,
  value,
  reason,
});

describe("cells become typed columns", () => {
  test("amounts in thousands that the mapping reads as decimals are warned of", async () => {
    const said = 'the cells of "Amount" look like decimal_comma, and the mapping says decimal';
    const thousands = await staged({
      mapping: ORDERS,
      files: { "orders.csv": orders("1,C1,2024-03-05,1.250", "2,C1,2024-03-06,980") },
    });
    expect(thousands.warnings.join()).toContain(said);
    const decimals = await staged({
      mapping: ORDERS,
      files: { "orders.csv": orders("1,C1,2024-03-05,1.257", "2,C1,2024-03-06,1.3") },
    });
    expect(decimals.warnings).toEqual([]);
  });

  test("amounts with a unit, and no other", async () => {
    const mapping = ORDERS.replace("order_amount: Amount", "order_amount: { column: Amount, unit: EUR }");
    expect(mapping).not.toBe(ORDERS);
    const { rejects, rows } = await staged({
      mapping,
      files: {
        "orders.csv": orders("1,C1,2024-03-05,EUR 12.50", "2,C1,2024-03-06,7 EUR", "3,C1,2024-03-07,USD 9"),
      },
    });
    const yuan = await staged({
      mapping: mapping.replace("unit: EUR", "unit: RMB"),
      files: { "orders.csv": orders("1,C1,2024-03-05,RMB 5", "2,C1,2024-03-06,CNY 6") },
    });
    expect((await yuan.rows(orderRows)).map((row) => row["order_amount"])).toEqual([5, 6]);
    expect(rejects).toEqual([reject(4, "Amount", "USD 9", "not a number")]);
    expect((await rows(orderRows)).map((row) => row["order_amount"]).sort()).toEqual([12.5, 7]);
  });

  test("minor units by the currency of their row", async () => {
    const { rows } = await staged({
      mapping: `  money:
    file: a.csv
    entity: payments
    columns: { payment_key: k, paid_at: moment, currency: c, payment_amount: { column: minor, type: minor_units } }
`,
      files: {
        "a.csv": "k,moment,c,minor\n1,2024-03-05,jpy,1999\n2,2024-03-05,EUR,1999\n3,2024-03-05, KWD ,1999\n",
      },
    });
    expect(await rows("select payment_amount from staged.payments order by payment_key")).toEqual(
      [1999, 19.99, 1.999].map((amount) => ({ payment_amount: amount })),
    );
  });

  test("minor units as Stripe has them: ISK and UGX in hundredths, MGA in ones, else as in ISO 4217", async () => {
    const { decimals } = readMapping("pipelines/mappings/stripe.yml").files["charges"]!;
    const { rows } = await staged({
      mapping: `  money:
    file: a.csv
    entity: payments
    decimals: ${JSON.stringify(decimals)}
    columns: { payment_key: k, paid_at: moment, currency: c, payment_amount: { column: minor, type: minor_units } }
`,
      files: {
        "a.csv": `k,moment,c,minor\n${["isk", "ugx", " MGA", "jpy", "eur", "kwd"].map((c, i) => `${i},2024-03-05,${c},500\n`).join("")}`,
      },
    });
    expect(await rows("select payment_amount from staged.payments order by payment_key")).toEqual(
      [5, 5, 500, 500, 5, 0.5].map((amount) => ({ payment_amount: amount })),
    );
  });

  test("of every type, as the mapping says they are written", async () => {
    const { rows, rejects } = await staged({
      mapping: `  things:
    file: a.csv
    entity: products
    columns: { product_key: k, product_name: text, unit_cost: { column: decimal }, unit_price: { column: comma, type: decimal_comma }, is_discontinued: boolean }
  people:
    file: a.csv
    entity: customers
    columns: { customer_key: k, email: email, phone: phone, tax_id: tax, employee_count: integer, created_date: { column: dmy, type: date_dmy } }
  money:
    file: a.csv
    entity: payments
    columns: { payment_key: k, paid_at: moment, payment_amount: { column: minor, type: minor_units } }
  days:
    file: a.csv
    entity: orders
    columns: { order_key: k, customer_key: k, order_date: { column: mdy, type: date_mdy }, order_amount: decimal }
  use:
    file: a.csv
    entity: usage
    columns: { customer_key: k, used_at: { column: seconds, type: epoch_seconds }, usage_quantity: integer }
  calls:
    file: a.csv
    entity: activities
    columns: { activity_key: k, activity_at: { column: milliseconds, type: epoch_milliseconds } }
`,
      files: {
        "a.csv":
          "k,text,decimal,comma,boolean,email,phone,tax,integer,dmy,moment,minor,mdy,seconds,milliseconds\n" +
          ' A1 , Cup ,"1,234.50-","1.234,5",是, Ann@X.COM ,+49 30 1,de 123-4,12,05.03.2024,2024-03-05T10:15:00+08:00,1999,3/5/2024,1709633700,1709633700250\n',
      },
    });
    expect(rejects).toEqual([]);
    expect(
      await rows(
        "select product_key, product_name, unit_cost, unit_price, is_discontinued from staged.products",
      ),
    ).toEqual([
      {
        product_key: "A1",
        product_name: "Cup",
        unit_cost: -1234.5,
        unit_price: 1234.5,
        is_discontinued: true,
      },
    ]);
    expect(
      await rows(
        "select customer_key, email, phone, tax_id, employee_count, created_date from staged.customers",
      ),
    ).toEqual([
      {
        customer_key: "A1",
        email: "ann@x.com",
        phone: "+49 30 1",
        tax_id: "DE1234",
        employee_count: 12,
        created_date: "2024-03-05",
      },
    ]);
    expect(await rows("select paid_at, payment_amount from staged.payments")).toEqual([
      { paid_at: "2024-03-05T02:15:00.000Z", payment_amount: 19.99 },
    ]);
    expect(await rows("select order_date from staged.orders")).toEqual([{ order_date: "2024-03-05" }]);
    expect(await rows("select used_at, usage_quantity from staged.usage")).toEqual([
      { used_at: "2024-03-05T10:15:00.000Z", usage_quantity: 12 },
    ]);
    expect(await rows("select activity_at from staged.activities")).toEqual([
      { activity_at: "2024-03-05T10:15:00.250Z" },
    ]);
  });

  test("a moment fills a day and a day fills a moment", async () => {
    const { rows } = await staged({
      mapping: `  orders: { file: a.csv, entity: orders, columns: { customer_key: k, order_date: { column: m, type: moment } } }
  use: { file: a.csv, entity: usage, columns: { customer_key: k, used_at: { column: d, type: date_dmy }, usage_quantity: { constant: "1" } } }
`,
      files: { "a.csv": "k,m,d\n1,2024-03-05T23:30:00-01:00,05.03.2024\n" },
    });
    expect(await rows("select order_date from staged.orders")).toEqual([{ order_date: "2024-03-06" }]);
    expect(await rows("select used_at, usage_quantity from staged.usage")).toEqual([
      { used_at: "2024-03-05T00:00:00.000Z", usage_quantity: 1 },
    ]);
  });

  test("values are translated, others stay as they are", async () => {
    const { rows } = await staged({
      mapping: `  customers:
    file: a.csv
    entity: customers
    columns:
      customer_key: k
      status: { column: s, values: { "it's on": active, 停用: "left; --" } }
`,
      files: { "a.csv": "k,s\n1,it's on\n2, 停用 \n3,other\n4,\n" },
    });
    expect(await rows("select customer_key, status from staged.customers order by customer_key")).toEqual([
      { customer_key: "1", status: "active" },
      { customer_key: "2", status: "left; --" },
      { customer_key: "3", status: "other" },
      { customer_key: "4", status: null },
    ]);
  });

  test("values are translated before the cell is read", async () => {
    const { rows, rejects } = await staged({
      mapping: `  consents:
    file: a.csv
    entity: consents
    columns: { channel: { constant: email }, is_permitted: { column: s, values: { OPT_IN: "true", OPT_OUT: "false" } }, recorded_at: at }
`,
      files: { "a.csv": "s,at\nOPT_IN,2024-01-01\nOPT_OUT,2024-01-02\nOPT_MAYBE,2024-01-03\n" },
    });
    expect(await rows("select channel, is_permitted from staged.consents order by recorded_at")).toEqual([
      { channel: "email", is_permitted: true },
      { channel: "email", is_permitted: false },
      { channel: "email", is_permitted: false },
    ]);
    expect(rejects).toEqual([]);
  });

  test("a consent that cannot be read as a yes is a no, and told of; one without a day is rejected, and told of", async () => {
    const { rows, rejects, warnings } = await staged({
      mapping: `  consents:
    file: a.csv
    entity: consents
    columns: { channel: { constant: email }, is_permitted: s, recorded_at: at }
`,
      files: { "a.csv": "s,at\nyes,2024-01-01\nunsubscribed,2024-01-02\n,2024-01-03\nno,2024-02-31\n" },
    });
    expect(await rows("select is_permitted from staged.consents order by recorded_at")).toEqual([
      { is_permitted: true },
      { is_permitted: false },
      { is_permitted: false },
    ]);
    expect(rejects).toEqual([
      { ...reject(5, "at", "2024-02-31", "not a date and time that exist"), file: "a.csv" },
    ]);
    expect(warnings).toEqual([
      "a.csv: 2 rows say neither yes nor no in s and count as no; map their words in values",
      "a.csv: 1 row is rejected, and a no in it is not heard; correct it before lists are used",
    ]);
  });

  test("constants, joined columns and amounts that take away", async () => {
    const { rows } = await staged({
      mapping: `  people: { file: a.csv, entity: contacts, columns: { contact_key: k, contact_name: { columns: [First, Last] }, country: { constant: "it's DE" } } }
  refunds: { file: a.csv, entity: payments, columns: { payment_key: k, paid_at: at, payment_amount: { column: x, sign: negative }, payment_kind: { constant: refund } } }
`,
      files: {
        "a.csv":
          "k,First,Last,x,at\n1, Ann ,Lee,5.50,2024-01-01\n2,,Lee,-5,2024-01-01\n3,Ann,,0,2024-01-01\n4,,,1,2024-01-01\n",
      },
    });
    expect(
      (await rows("select contact_name from staged.contacts order by contact_key")).map(
        (row) => row["contact_name"],
      ),
    ).toEqual(["Ann Lee", "Lee", "Ann", null]);
    expect(await rows("select country, count(*) as n from staged.contacts group by country")).toEqual([
      { country: "it's DE", n: 4 },
    ]);
    expect(
      (await rows("select payment_amount from staged.payments order by payment_key")).map(
        (row) => row["payment_amount"],
      ),
    ).toEqual([-5.5, 5, 0, -1]);
  });

  test("rows with an empty cell that the mapping names are left out, and counted", async () => {
    const { counts, rows, rejects } = await staged({
      mapping: `  surveys:
    file: a.csv
    entity: surveys
    skip_when_empty: Score
    columns: { survey_key: k, surveyed_at: at, score: Score }
`,
      files: { "a.csv": "k,at,Score\n1,2024-01-01,5\n2,2024-01-01,\n3,2024-01-01,  \n4,,\n5,2024-01-01,x\n" },
    });
    expect(counts).toMatchObject([{ rowsIn: 5, rowsStaged: 1, rowsSkipped: 3, rowsRejected: 1 }]);
    expect(await rows("select survey_key from staged.surveys")).toEqual([{ survey_key: "1" }]);
    expect(rejects).toEqual([{ ...reject(6, "Score", "x", "not a number"), file: "a.csv" }]);
  });
});

describe("rows that a column tells of", () => {
  const kinds = (lines: string) => `  orders:
    file: orders.csv
    entity: orders
    ${lines}
    columns: { customer_key: who, order_date: day, order_amount: money }
`;

  test("are left out where it holds one of the mapping's words, and counted", async () => {
    const { counts, rows, engine } = await staged({
      mapping: kinds("skip_when: { State: [cancelled, 已取消] }"),
      files: {
        "orders.csv":
          "who,day,money,State\n1,2025-01-01,5,shipped\n2,2025-01-02,6, Cancelled \n3,2025-01-03,7,\n4,bad,8,已取消\n5,bad,9,open\n",
      },
    });
    expect(counts).toMatchObject([{ rowsIn: 5, rowsStaged: 2, rowsSkipped: 2, rowsRejected: 1 }]);
    expect(await rows("select customer_key from staged.orders")).toEqual([
      { customer_key: "1" },
      { customer_key: "3" },
    ]);
    const left = await rowsOf(
      engine,
      "select line_number, column_name, value from staged.rejects where is_skipped order by line_number",
    );
    expect(left).toEqual([
      { line_number: 3, column_name: "State", value: "Cancelled" },
      { line_number: 5, column_name: "State", value: "已取消" },
    ]);
  });

  test("take away where it says that they are returns, whichever sign they have", async () => {
    const { rows } = await staged({
      mapping: kinds("return_when: { Kind: [return] }"),
      files: {
        "orders.csv":
          "who,day,money,Kind\n1,2025-01-01,5,Sale\n2,2025-01-02,6.5,RETURN\n3,2025-01-03,-7,return\n4,2025-01-04,-8,\n",
      },
    });
    expect(await rows("select order_amount from staged.orders order by customer_key")).toEqual([
      { order_amount: 5 },
      { order_amount: -6.5 },
      { order_amount: -7 },
      { order_amount: -8 },
    ]);
  });

  test("a file without that column is refused", async () => {
    const reading = staged({
      mapping: kinds("skip_when: { State: [cancelled] }"),
      files: { "orders.csv": "who,day,money\n1,2025-01-01,5\n" },
    });
    await expect(reading).rejects.toThrow('no column "State" for which rows count');
  });
});

describe("every entity is a typed relation", () => {
  test("whether a source supplies it or not, with the same columns", async () => {
    const { engine } = await staged({ mapping: ORDERS, files: { "orders.csv": orders("1,A,2024-01-01,5") } });
    const ARROW = {
      text: "Utf8",
      integer: "Float64",
      decimal: "Float64",
      boolean: "Bool",
      date: "Date32<DAY>",
      moment: "Timestamp<MILLISECOND>",
    };
    for (const entity of ENTITY_NAMES) {
      for await (const batch of engine.read(`select * from staged.${entity}`)) {
        const columns = batch.schema.fields.map((field) => [field.name, String(field.type)]);
        const expected = Object.entries(ENTITIES[entity].columns).map(([name, type]) => [name, ARROW[type]]);
        expect(columns).toEqual([
          ["file_id", "Float64"],
          ["source", "Utf8"],
          ...expected,
          ["is_readable", "Bool"],
        ]);
      }
    }
  });

  test("columns no export has are null", async () => {
    const { rows } = await staged({ mapping: ORDERS, files: { "orders.csv": orders("1,A,2024-01-01,5") } });
    expect(await rows("select source, file_id, order_cost, currency, status from staged.orders")).toEqual([
      { source: "shop", file_id: 1, order_cost: null, currency: null, status: null },
    ]);
  });

  test("an optional column the file lacks is null, and said", async () => {
    const { rows, warnings } = await staged({
      mapping: ORDERS,
      files: { "orders.csv": "No,Customer,Date\n1,A,2024-01-01\n" },
    });
    expect(await rows(orderRows)).toEqual([
      { order_key: "1", customer_key: "A", order_date: "2024-01-01", order_amount: null },
    ]);
    expect(warnings.join("\n")).toContain('no column "Amount", so order_amount stays empty');
  });

  test("a required column the file lacks stops the run, with every problem at once", async () => {
    const run = staged({ mapping: ORDERS, files: { "orders.csv": "No,Amount\n1,2\n" } });
    const error = (await run.catch((thrown: unknown) => thrown)) as CrmError;
    expect(error).toBeInstanceOf(CrmError);
    expect(error.kind).toBe("data");
    expect(error.message).toMatch(/orders\.csv:1: no column "Customer" for customer_key; found No, Amount/);
    expect(error.message).toMatch(/no column "Date" for order_date/);
  });

  test("a file that may be missing may be missing", async () => {
    const { counts, warnings } = await staged({
      mapping: `${ORDERS}  owners: { file: owners.csv, entity: owners, is_optional: true, columns: { owner_key: k } }\n`,
      files: { "orders.csv": orders("1,A,2024-01-01,5") },
    });
    expect(counts).toHaveLength(1);
    expect(warnings.join("\n")).toContain("owners.csv: no such file");
  });

  test("a file that must be there is told of, with its folder", async () => {
    const run = staged({ mapping: ORDERS, files: {} });
    await expect(run).rejects.toThrow(/orders\.csv: no such file/);
  });

  test("several files of a pattern and several sources go into one", async () => {
    const mapping = ORDERS.replace("orders.csv", '"orders*.csv"');
    const { counts, rows } = await staged(
      {
        name: "a",
        mapping,
        files: { "orders1.csv": orders("1,A,2024-01-01,5"), "orders2.csv": orders("2,A,2024-01-02,6") },
      },
      { name: "b", mapping, files: { "orders.csv": orders("1,A,2024-01-03,7") } },
    );
    expect(counts.map(({ source, file, rowsStaged }) => [source, file, rowsStaged])).toEqual([
      ["a", "orders1.csv", 1],
      ["a", "orders2.csv", 1],
      ["b", "orders.csv", 1],
    ]);
    expect(
      await rows("select source, order_key, order_amount from staged.orders order by order_amount"),
    ).toEqual([
      { source: "a", order_key: "1", order_amount: 5 },
      { source: "a", order_key: "2", order_amount: 6 },
      { source: "b", order_key: "1", order_amount: 7 },
    ]);
  });

  test("a file whose bytes came before counts once, and that is said", async () => {
    const mapping = ORDERS.replace("orders.csv", '"orders*.csv"');
    const text = orders("1,A,2024-01-01,5");
    const { counts, warnings } = await staged({
      mapping,
      files: { "orders1.csv": text, "orders2.csv": text },
    });
    expect(counts).toHaveLength(1);
    expect(warnings.join("\n")).toMatch(/orders2\.csv: the same bytes as .*orders1\.csv/);
  });

  test("a file in two entries of one entity is read by each that leaves out other rows", async () => {
    const entry = (name: string, state: string) =>
      ORDERS.replace("orders:", `${name}:`).replace(
        "entity: orders",
        `entity: orders\n    skip_when: { Customer: ["${state}"] }`,
      );
    const read = (...entries: readonly string[]) =>
      staged({
        mapping: entries.join(""),
        files: { "orders.csv": orders("1,A,2024-01-01,5", "2,B,2024-01-02,6") },
      });
    const both = await read(entry("a", "A"), entry("b", "B"));
    expect(both.warnings).toEqual([]);
    expect(both.counts.map(({ rowsStaged, rowsSkipped }) => [rowsStaged, rowsSkipped])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const same = await read(entry("a", "A"), entry("b", "B"), entry("c", "B"));
    expect([same.counts.length, same.warnings.length]).toEqual([2, 1]);
    const any = await read(entry("a", "*"));
    expect(any.counts).toMatchObject([{ rowsStaged: 0, rowsSkipped: 2 }]);
  });
});

describe("what cannot be read is rejected", () => {
  test("with line, heading, cell and reason; the rest is staged", async () => {
    const { counts, rejects, rows } = await staged({
      mapping: ORDERS,
      files: {
        "orders.csv": orders(
          "1,A,2024-01-01,5",
          "2,A,2024-02-30,5",
          "3,A,2024-01-02,abc",
          "4,,2024-01-03,5",
          "5,A,,5",
          "6,A,2024-01-04,",
          "7,A,1024-01-01,5",
        ),
      },
    });
    expect(rejects).toEqual([
      reject(3, "Date", "2024-02-30", "not a date that exists (year, month, day)"),
      reject(4, "Amount", "abc", "not a number"),
      reject(5, "Customer", null, "missing"),
      reject(6, "Date", null, "missing"),
      reject(8, "Date", "1024-01-01", "not a date that exists (year, month, day)"),
    ]);
    expect((await rows(orderRows)).map((row) => row["order_key"])).toEqual(["1", "6"]);
    expect(counts).toMatchObject([{ rowsIn: 7, rowsStaged: 2, rowsSkipped: 0, rowsRejected: 5 }]);
  });

  test.each([
    ["epoch", "not a date that exists (year, month, day)"],
    ["infinity", "not a date that exists (year, month, day)"],
    ["2025-01-05abc", "not a date that exists (year, month, day)"],
    ["1899-12-31", "not a date that exists (year, month, day)"],
  ])("a day written %s after thousands of good ones", async (day, reason) => {
    const good = Array.from({ length: 5000 }, (_, i) => `${i},c,2025-01-05,1.50`).join("\n");
    const { rejects, counts } = await staged({
      mapping: `  orders:
    file: orders.csv
    entity: orders
    columns: { order_key: k, customer_key: c, order_date: d, order_amount: a }
`,
      files: { "orders.csv": `k,c,d,a\n${good}\nlast,c,${day},1.50\n` },
    });
    expect(rejects).toEqual([
      { file: "orders.csv", line_number: 5002, column_name: "d", value: day, reason },
    ]);
    expect(counts).toMatchObject([{ rowsIn: 5001, rowsStaged: 5000, rowsRejected: 1 }]);
  });

  test("of several faults in a row one is told, and the row counts once", async () => {
    const { counts, rejects } = await staged({ mapping: ORDERS, files: { "orders.csv": orders("1,,x,y") } });
    expect(rejects).toHaveLength(1);
    expect(counts).toMatchObject([{ rowsIn: 1, rowsStaged: 0, rowsRejected: 1 }]);
  });

  test.each(["\n", "\r\n"])(
    "on the right line behind quoted newlines and blank lines, line end %j",
    async (end) => {
      const lines = [
        "No,Customer,Date,Amount",
        '1,"A',
        'of two lines",2024-01-01,5',
        "",
        "2,B,2024-13-01,5",
        "",
        "",
        '3,"C',
        "",
        'd",2024-01-02,x',
        "4,D,2024-01-03,5",
      ];
      const { rejects, counts } = await staged({
        mapping: ORDERS,
        files: { "orders.csv": lines.join(end) + end },
      });
      expect(rejects).toEqual([
        reject(5, "Date", "2024-13-01", "not a date that exists (year, month, day)"),
        reject(8, "Amount", "x", "not a number"),
      ]);
      expect(counts).toMatchObject([{ rowsIn: 4, rowsStaged: 2, rowsRejected: 2 }]);
    },
  );

  test.each(["\n", "\r\n"])(
    "when cells are missing or too many, on the right line, line end %j",
    async (end) => {
      const lines = [
        "No,Customer,Date,Amount",
        "1,A,2024-01-01,5",
        '2,"B',
        'b"',
        "",
        "3,C,2024-01-01,5,gift,more",
        "4,D,2024-01-01,x",
        "5,E,2024-01-01,5",
        "6,F",
      ];
      for (const last of [end, ""]) {
        const { rejects, counts } = await staged({
          mapping: ORDERS,
          files: { "orders.csv": lines.join(end) + last },
        });
        expect(rejects.map((row) => [row["line_number"], row["reason"]])).toEqual([
          [3, "missing columns"],
          [6, "too many columns"],
          [7, "not a number"],
          [9, "missing columns"],
        ]);
        expect(counts).toMatchObject([{ rowsIn: 6, rowsStaged: 2, rowsRejected: 4 }]);
      }
    },
  );

  test("below title rows, in GB18030, with Chinese headings", async () => {
    const gb18030 = Buffer.from(
      // 销售订单, then 单号,客户,日期,金额 and three rows of customer 张三
      "cffacadbb6a9b5a50d0a" +
        "b5a5bac52cbfcdbba72cc8d5c6da2cbdf0b6ee0d0a" +
        Buffer.from("1,").toString("hex") +
        "d5c5c8fd" +
        Buffer.from(",2024/1/5,5\r\n").toString("hex") +
        Buffer.from("2,").toString("hex") +
        "d5c5c8fd" +
        Buffer.from(",2024/2/30,5\r\n").toString("hex") +
        Buffer.from("3,").toString("hex") +
        "d5c5c8fd" +
        Buffer.from(",2024/1/6,1.00-\r\n").toString("hex"),
      "hex",
    );
    const { rejects, rows } = await staged({
      mapping: `  orders:
    file: orders.csv
    entity: orders
    encoding: gb18030
    header_row: 2
    columns: { order_key: 单号, customer_key: 客户, order_date: 日期, order_amount: 金额 }
`,
      files: { "orders.csv": gb18030 },
    });
    expect(rejects).toEqual([reject(4, "日期", "2024/2/30", "not a date that exists (year, month, day)")]);
    expect(await rows(orderRows)).toEqual([
      { order_key: "1", customer_key: "张三", order_date: "2024-01-05", order_amount: 5 },
      { order_key: "3", customer_key: "张三", order_date: "2024-01-06", order_amount: -1 },
    ]);
  });

  test("a row with bytes that are not of the encoding is rejected, with its line and column", async () => {
    const bytes = Buffer.concat([
      Buffer.from(orders("1,A,2024-01-01,5")),
      Buffer.from([0xbf, 0xcd]),
      Buffer.from(",A,2024-01-01,5\n3,A,2024-01-03,5\n"),
    ]);
    const { counts, rejects } = await staged({ mapping: ORDERS, files: { "orders.csv": bytes } });
    expect(counts).toMatchObject([{ rowsIn: 3, rowsStaged: 2, rowsRejected: 1 }]);
    expect(rejects).toMatchObject([{ line_number: 3, column_name: "No", reason: "invalid encoding" }]);
  });

  test("a file of another encoding than the mapping says is refused, with its line", async () => {
    const mapping = ORDERS.replace("entity: orders", "entity: orders\n    encoding: gb18030");
    const bytes = Buffer.concat([Buffer.from(orders("1,A,2024-01-01,5")), Buffer.from([0x41, 0xff, 0x0a])]);
    const run = staged({ mapping, files: { "orders.csv": bytes } });
    await expect(run).rejects.toThrow(/orders\.csv:3: bytes that are not gb18030/);
    await expect(run).rejects.toMatchObject({ kind: "data" });
  });

  test("a file whose line ends are mixed is refused as bad data, with the line", async () => {
    const text = "No,Customer,Date,Amount\r\n1,A,2024-01-01,5\r\n2,A,2024-01-02,5\n3,A,2024-01-03,5\r\n";
    const run = staged({ mapping: ORDERS, files: { "orders.csv": text } });
    await expect(run).rejects.toMatchObject({ kind: "data" });
    await expect(run).rejects.toThrow(/orders\.csv:3: this line ends otherwise/);
  });

  test("a reject's cell is told as it stands, whatever it holds", async () => {
    const cell = `'; drop schema staged cascade; -- "x"`;
    const { rejects } = await staged({
      mapping: ORDERS,
      files: { "orders.csv": orders(`1,A,2024-01-01,"${cell.replaceAll('"', '""')}"`) },
    });
    expect(rejects).toEqual([reject(2, "Amount", cell, "not a number")]);
  });

  test("in files of several inputs each reject stays with its file", async () => {
    const mapping = ORDERS.replace("orders.csv", '"orders*.csv"');
    const { rejects } = await staged({
      mapping,
      files: {
        "orders1.csv": orders("1,A,x,5"),
        "orders2.csv": orders("2,A,2024-01-01,5", "3,A,2024-01-01,y"),
      },
    });
    expect(rejects.map((row) => [row["file"], row["line_number"], row["column_name"]])).toEqual([
      ["orders1.csv", 2, "Date"],
      ["orders2.csv", 3, "Amount"],
    ]);
  });
});

describe("headings", () => {
  test.each([
    ["a quote", `it's "x"`],
    ["a semicolon", "a; drop schema staged cascade; --"],
    ["Chinese and spaces", "金额 （元）"],
    ["a newline", "Amount\n(EUR)"],
    ["a comma", "Amount, net"],
  ])("may hold %s", async (_, heading) => {
    const mapping = `  orders: { file: orders.csv, entity: orders, columns: { customer_key: k, order_date: d, order_amount: ${JSON.stringify(heading)} } }\n`;
    const text = `k,d,"${heading.replaceAll('"', '""')}"\nA,2024-01-01,5\nA,2024-01-02,x\n`;
    const { rows, rejects } = await staged({ mapping, files: { "orders.csv": text } });
    expect(await rows("select order_amount from staged.orders")).toEqual([{ order_amount: 5 }]);
    expect(rejects.map((row) => [row["column_name"], row["value"]])).toEqual([[heading, "x"]]);
  });

  test("that differ in case alone are two", async () => {
    const mapping = `  orders: { file: orders.csv, entity: orders, columns: { customer_key: k, order_date: d, order_amount: amount } }\n`;
    const { rows } = await staged({
      mapping,
      files: { "orders.csv": "k,d,Amount,amount\nA,2024-01-01,5,7\n" },
    });
    expect(await rows("select order_amount from staged.orders")).toEqual([{ order_amount: 7 }]);
  });

  test("that come twice and under numbers of their own are all there", async () => {
    const mapping = `  orders: { file: orders.csv, entity: orders, columns: { customer_key: k, order_date: d, order_amount: x } }\n`;
    const { rows } = await staged({ mapping, files: { "orders.csv": "k,d,x,x 2,x\nA,2024-01-01,5,7,9\n" } });
    expect(await rows("select order_amount from staged.orders")).toEqual([{ order_amount: 5 }]);
  });
});

describe("rows with the same key", () => {
  test("the last stands, the earlier ones are rejected with their lines", async () => {
    const { counts, rejects, rows } = await staged({
      mapping: ORDERS,
      files: {
        "orders.csv": orders(
          "1,A,2024-01-01,5",
          "2,A,2024-01-02,6",
          "1,A,2024-01-03,7",
          "2,A,bad,8",
          "1,B,2024-01-04,9",
        ),
      },
    });
    expect(await rows(orderRows)).toEqual([
      { order_key: "2", customer_key: "A", order_date: "2024-01-02", order_amount: 6 },
      { order_key: "1", customer_key: "B", order_date: "2024-01-04", order_amount: 9 },
    ]);
    expect(rejects).toEqual([
      reject(2, "No", "1", "a later row has the same key"),
      reject(4, "No", "1", "a later row has the same key"),
      reject(5, "Date", "bad", "not a date that exists (year, month, day)"),
    ]);
    expect(counts).toMatchObject([{ rowsIn: 5, rowsStaged: 2, rowsRejected: 3 }]);
  });

  test("in a later file replace those of an earlier one, never those of another source", async () => {
    const mapping = ORDERS.replace("orders.csv", '"orders*.csv"');
    const { counts, rejects, rows } = await staged(
      {
        name: "a",
        mapping,
        files: { "orders1.csv": orders("1,A,2024-01-01,5"), "orders2.csv": orders("1,A,2024-01-02,6") },
      },
      { name: "b", mapping, files: { "orders.csv": orders("1,A,2024-01-03,7") } },
    );
    expect(await rows("select source, order_amount from staged.orders order by source")).toEqual([
      { source: "a", order_amount: 6 },
      { source: "b", order_amount: 7 },
    ]);
    expect(rejects).toEqual([
      { ...reject(2, "No", "1", "a later row has the same key"), file: "orders1.csv" },
    ]);
    expect(counts.map(({ rowsIn, rowsStaged, rowsRejected }) => [rowsIn, rowsStaged, rowsRejected])).toEqual([
      [1, 0, 1],
      [1, 1, 0],
      [1, 1, 0],
    ]);
  });

  test("rows without a key are all kept", async () => {
    const { rows } = await staged({
      mapping: ORDERS,
      files: {
        "orders.csv": orders(",A,2024-01-01,5", ",A,2024-01-01,5", "1,A,2024-01-01,5", "1,A,2024-01-01,6"),
      },
    });
    expect((await rows(orderRows)).map((row) => row["order_amount"])).toEqual([5, 5, 6]);
  });

  test("a key of several columns is the same only if all of them are", async () => {
    const mapping = `  lines: { file: lines.csv, entity: order_lines, columns: { order_key: o, line_key: l, line_amount: x, customer_key: { constant: A }, order_date: { constant: 2024-01-01 } } }\n`;
    const { rows, rejects } = await staged({
      mapping,
      files: { "lines.csv": "o,l,x\n1,1,5\n1,2,6\n11,1,7\n1,11,8\n1,2,9\n" },
    });
    expect(
      (await rows("select line_amount from staged.order_lines")).map((row) => row["line_amount"]),
    ).toEqual([5, 7, 8, 9]);
    expect(rejects).toEqual([
      {
        file: "lines.csv",
        line_number: 3,
        column_name: "o, l",
        value: "1 / 2",
        reason: "a later row has the same key",
      },
    ]);
  });

  test("entities that have no key keep every row", async () => {
    const mapping = `  use: { file: use.csv, entity: usage, columns: { customer_key: k, used_at: at, usage_quantity: n } }\n`;
    const { counts } = await staged({
      mapping,
      files: { "use.csv": "k,at,n\nA,2024-01-01,1\nA,2024-01-01,1\n" },
    });
    expect(counts).toMatchObject([{ rowsIn: 2, rowsStaged: 2, rowsRejected: 0 }]);
  });
});

describe("every row is accounted for", () => {
  test("rows in are rows staged, left out and rejected, and the rejects have a place each", async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => {
      if (i % 97 === 0) return `${i},A,2024-02-30,5`;
      if (i % 89 === 0) return `${i},A`;
      if (i % 83 === 0) return `${i},"A\nB",2024-01-01,5,6`;
      if (i % 79 === 0) return `${i - 1},A,2024-01-01,5`;
      return i % 5 === 0 ? `${i},"A\n\n""B""",2024-01-01,5` : `${i},A,2024-01-01,5`;
    });
    const { counts, rejects, engine } = await staged({
      mapping: ORDERS,
      files: { "orders.csv": orders(...lines) },
    });
    const [{ rowsIn, rowsStaged, rowsRejected }] = counts as [(typeof counts)[number]];
    expect(rowsIn).toBe(5000);
    expect(rowsStaged + rowsRejected).toBe(5000);
    expect(rejects).toHaveLength(rowsRejected);
    expect(await rowOf(engine, "select count(*) as n from staged.orders")).toEqual({ n: rowsStaged });
    const expected: number[] = [];
    let line = 2;
    lines.forEach((text, i) => {
      const isRepeated = lines[i + 1]?.startsWith(`${i},`) === true && (i + 1) % 79 === 0;
      if (i % 97 === 0 || i % 89 === 0 || i % 83 === 0 || isRepeated) expected.push(line);
      line += text.split("\n").length;
    });
    expect(rejects.map((row) => row["line_number"])).toEqual(expected);
  });

  test("blank rows of a workbook are no rows, as blank lines of a CSV are none", async () => {
    const table = [
      ["No", "Customer", "Date", "Amount"],
      ["1", "C1", "2024-03-05", "5"],
      [],
      ["2", "C1", "2024-03-06", "x"],
    ];
    const ofCsv = await staged({
      mapping: ORDERS,
      files: { "orders.csv": table.map((row) => `${row.join(",")}\n`).join("") },
    });
    const ofWorkbook = await staged({
      mapping: ORDERS.replace(".csv", ".xlsx"),
      files: { "orders.xlsx": await writeXlsx({ sheets: [{ name: "Sheet1", rows: table }] }) },
    });
    const counts = { rowsIn: 2, rowsStaged: 1, rowsSkipped: 0, rowsRejected: 1 };
    expect(ofCsv.counts).toMatchObject([counts]);
    expect(ofWorkbook.counts).toMatchObject([counts]);
    expect(ofWorkbook.rejects).toEqual([{ ...ofCsv.rejects[0], file: "orders.xlsx" }]);
  });

  test("no file at all leaves every entity empty", async () => {
    const { counts, rows } = await staged();
    expect(counts).toEqual([]);
    expect(await rows(orderRows)).toEqual([]);
  });

  test("a file of headings alone has no rows", async () => {
    const { counts } = await staged({
      mapping: ORDERS,
      files: { "orders.csv": "No,Customer,Date,Amount\n" },
    });
    expect(counts).toMatchObject([{ rowsIn: 0, rowsStaged: 0, rowsSkipped: 0, rowsRejected: 0 }]);
  });

  test("an open quote is refused before anything is staged, with its line", async () => {
    const run = staged({
      mapping: ORDERS,
      files: { "orders.csv": orders("1,A,2024-01-01,5", '2,"A,2024-01-01,5') },
    });
    await expect(run).rejects.toThrow(/orders\.csv:3: a quote is opened and never closed/);
  });

  test("paths are named as the user knows them, also when a copy is read", async () => {
    const mapping = ORDERS.replace("entity: orders", "entity: orders\n    encoding: windows-1252");
    const run = staged({ mapping, files: { "orders.csv": orders("1,A,2024-01-01,5", '2,"A,2024-01-01,5') } });
    await expect(run).rejects.toThrow(/orders\.csv:3: a quote is opened and never closed/);
  });
});

test("names of folders and files are safe, whatever they hold", async () => {
  const file = `or'ders; drop "x" 客户.csv`;
  const mapping = ORDERS.replace("orders.csv", JSON.stringify(join(file)));
  const { counts } = await staged({ mapping, files: { [file]: orders("1,A,2024-01-01,5", "2,A,x,5") } });
  expect(counts).toMatchObject([{ file, rowsIn: 2, rowsStaged: 1, rowsRejected: 1 }]);
});

const LINES = `  lines:
    file: lines.csv
    entity: order_lines
    columns: { order_key: No, line_key: Pos, customer_key: Customer, order_date: Date, line_amount: Amount }
`;
const HEADED_LINES = `  orders:
    file: orders.csv
    entity: orders
    skip_when_empty: Posted
    columns: { order_key: No, customer_key: Customer, order_date: Date }
  lines:
    file: lines.csv
    entity: order_lines
    columns: { order_key: No, line_key: Pos, line_amount: Amount }
`;
const lines = (...rows: readonly string[]) =>
  staged({ mapping: LINES, files: { "lines.csv": `No,Pos,Customer,Date,Amount\n${rows.join("\n")}\n` } });
const shownLines = `select order_key || '|' || coalesce(customer_key, '') || '|' || coalesce(to_key(order_date), '') || '|' || to_key(line_key) as line
  from staged.order_lines order by line_key`;
const textsOf = (rows: readonly Row[]) => rows.map(({ line }) => line);

describe("order numbers that begin again", () => {
  test("are told apart by the day, of each customer who has them on days far apart", async () => {
    const { rows, warnings } = await lines(
      "7,1,Ada,2024-03-01,10",
      "7,2,Ada,2024-03-01,20",
      "7,3,Ada,2025-03-01,30",
      "7,4,Ben,2025-03-01,40",
    );
    expect(textsOf(await rows(shownLines))).toEqual([
      "7 2024-03-01|Ada|2024-03-01|1",
      "7 2024-03-01|Ada|2024-03-01|2",
      "7 2025-03-01|Ada|2025-03-01|3",
      "7|Ben|2025-03-01|4",
    ]);
    expect(warnings).toEqual([
      "order_lines: 1 order number comes back for the same customer more than 31 days later, and each day counts as an order; if numbers begin anew each year or are cut short, export them whole, with the year",
    ]);
  });

  test.each([
    ["sold within 31 days", "2024-04-01,20"],
    ["given back later", "2025-03-01,-20"],
  ])("are one order where the lines were %s", async (_, later) => {
    const { rows, warnings } = await lines("7,1,Ada,2024-03-01,10", `7,2,Ada,${later}`);
    expect(await rows("select distinct order_key from staged.order_lines")).toEqual([{ order_key: "7" }]);
    expect(warnings).toEqual([]);
  });

  test("are their head's where there is one", async () => {
    const { rows } = await staged({
      mapping: `${ORDERS}${LINES}`,
      files: {
        "orders.csv": orders("7,Ada,2024-03-01,30"),
        "lines.csv": "No,Pos,Customer,Date,Amount\n7,1,Ada,2024-03-01,10\n7,2,Ada,2024-09-01,20\n",
      },
    });
    expect(await rows("select distinct order_key from staged.order_lines")).toEqual([{ order_key: "7" }]);
  });

  test("are said where a head is taken for a correction of another customer's or of an early one", async () => {
    const { warnings } = await staged({
      mapping: ORDERS,
      files: {
        "orders.csv": orders(
          "7,Ada,2024-03-01,1",
          "7,Ben,2024-03-01,2",
          "8,Ada,2024-03-01,3",
          "8,Ada,2024-03-09,4",
        ),
      },
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^orders: 1 row is left out for a later row of the same number/),
    ]);
  });
});

describe("lines without a customer or a day", () => {
  test("take those of their number where it names one customer and near days", async () => {
    const { rows, warnings, rejects, counts } = await lines(
      "1,1,Ada,2024-03-01,10",
      "1,2,,,20",
      "2,3,Ada,2024-03-01,10",
      "2,4,Ben,2024-03-01,10",
      "2,5,,2024-03-01,10",
      "3,6,Ada,2024-03-01,10",
      "3,7,,2025-03-01,10",
      "4,8,,2024-03-01,10",
      "5,9,Ada,,10",
    );
    expect(textsOf(await rows(shownLines))).toEqual([
      "1|Ada|2024-03-01|1",
      "1|Ada|2024-03-01|2",
      "2|Ada|2024-03-01|3",
      "2|Ben|2024-03-01|4",
      "3|Ada|2024-03-01|6",
    ]);
    expect(rejects.map(({ line_number, column_name, reason }) => [line_number, column_name, reason])).toEqual(
      [
        [6, "Customer", "missing"],
        [8, "Customer", "missing"],
        [9, "Customer", "missing"],
        [10, "Date", "missing"],
      ],
    );
    expect(counts).toMatchObject([{ rowsIn: 9, rowsStaged: 5, rowsSkipped: 0, rowsRejected: 4 }]);
    expect(warnings).toEqual([
      "order_lines: 1 row without a customer or day takes those of the other rows of the same order number",
    ]);
  });

  test.each(["skip_when_empty: Posted", "skip_when: { Posted: [no] }"])(
    "and without an order are rejected by number, and left out where the mapping leaves the order out",
    async (skip) => {
      const { counts, rejects } = await staged({
        mapping: HEADED_LINES.replace("skip_when_empty: Posted", skip),
        files: {
          "orders.csv": `No,Customer,Date,Posted\n1,Ada,2024-03-01,yes\n2,Ada,2024-03-02,${skip.includes("empty") ? "" : "no"}\n`,
          "lines.csv": "No,Pos,Amount\n1,1,10\n2,1,20\n3,1,30\n1,1,11\n1,2,x\n",
        },
      });
      expect(rejects.map(({ line_number, value, reason }) => [line_number, value, reason])).toEqual([
        [2, "1 / 1", "a later row has the same key"],
        [4, "3", "no order has this number"],
        [6, "x", "not a number"],
      ]);
      expect(counts[1]).toMatchObject({ rowsIn: 5, rowsStaged: 1, rowsSkipped: 1, rowsRejected: 3 });
    },
  );
});
