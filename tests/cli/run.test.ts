import { cpSync, mkdirSync, readlinkSync, rmSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { erpOrders, PEOPLE, PIPELINE, writeExports, writePipeline } from "./pipeline.js";
import {
  countedInputs,
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  makeFolder,
  readRows,
  start,
  type Finished,
  type TemporaryFolder,
} from "./process.js";

const DAY_ONE = "2025-06-30";
const DAY_TWO = "2025-09-30";
const RESULTS = ["rfm.csv", "rfm.parquet", "rfm.xlsx", "report.html", "rejects.csv"];

const HEADS_AND_LINES = `source: erp
files:
  heads:
    file: heads.csv
    entity: orders
    delimiter: ";"
    columns: { order_key: No, customer_key: Customer, order_date: Day }
  lines:
    file: lines.csv
    entity: order_lines
    delimiter: ";"
    columns: { order_key: No, line_key: Pos, product_key: Product, line_amount: Money }
`;

/** Day one, published once; tests copy it. */
const published = makeFolder();
let dayOne: Finished;
beforeAll(async () => {
  writePipeline(published);
  dayOne = await crmAnalyze(published, "run", "shop.yml");
  expectSuccess(dayOne);
});

function copyOfDayOne(): TemporaryFolder {
  const folder = folderOfTest();
  cpSync(published.path, folder.path, { recursive: true, verbatimSymlinks: true });
  return folder;
}

/** A run that must fail, told by its exit code, and leave everything on disk as it was. */
async function refused(folder: TemporaryFolder, exitCode: number, ...flags: string[]): Promise<string> {
  const before = folder.contents();
  const finished = await crmAnalyze(folder, "run", "shop.yml", ...flags);
  expectFailure(finished, exitCode);
  expect(folder.contents(), "what is on disk").toEqual(before);
  return finished.stderr;
}

/** What lies in the output folder, and temporary files wherever they are. */
const entries = (folder: TemporaryFolder) =>
  Object.keys(folder.contents()).filter((name) => /^(out\/[^/]+|\.tmp\/.+)$/.test(name));
const idsByKey = (folder: TemporaryFolder, run: string) =>
  new Map(readRows(folder, `${run}/rfm.csv`).map((row) => [row["customer_key"]!, row["customer_id"]!]));

describe.concurrent("publishing", () => {
  test("one folder a day, and latest points at it; nothing else stays behind", () => {
    expect(entries(published)).toEqual([`out/${DAY_ONE}`, "out/latest"]);
    expect(readlinkSync(published.at("out/latest")).replace(/\/$/, "")).toMatch(new RegExp(`${DAY_ONE}$`));
    for (const name of [...RESULTS, "run.json"])
      expect(published.read(`out/${DAY_ONE}/${name}`)).not.toBe(undefined);
  });

  test("stdout has the answer and the account of rows, stderr the steps", () => {
    const orders = erpOrders(DAY_ONE).length;
    const rows = orders * 2 + PEOPLE.length * 3;
    expect(dayOne.stdout).toMatch(/38 customers/);
    expect(dayOne.stdout).toContain(
      `5 files, ${rows} rows in = ${rows} used + 0 left out by the mapping + 0 rejected`,
    );
    expect(dayOne.stdout).toContain(`report: out/${DAY_ONE}/report.html`);
    expect(dayOne.stderr).toMatch(/^staged: /m);
  });

  test("in Chinese, stdout is Chinese to its end", async () => {
    const finished = await crmAnalyze(copyOfDayOne(), "run", "shop.yml", "--lang", "zh");
    expectSuccess(finished);
    expect(finished.stdout).toMatch(
      /\n5 个文件，读入 (\d+) 行 = 采用 \1 \+ 按映射略过 0 \+ 剔除 0（out\/.*rejects\.csv）\n报告：out\//,
    );
  });

  test("customers of three systems are one, and those without an order are not scored", () => {
    const keys = readRows(published, `out/${DAY_ONE}/rfm.csv`).map((row) => row["customer_key"]);
    expect(keys.toSorted()).toEqual(PEOPLE.slice(0, -2).map(({ key }) => key));
  });

  test("money adds up to the ERP's ledger", () => {
    const expected = erpOrders(DAY_ONE).reduce((sum, { cents }) => sum + cents, 0) / 100;
    const rows = readRows(published, `out/${DAY_ONE}/rfm.csv`);
    expect(rows.reduce((sum, row) => sum + Number(row["total_amount"]), 0)).toBeCloseTo(expected, 6);
  });

  test("every file's rows add up", () => {
    expect(countedInputs(published, `out/${DAY_ONE}`).map((input) => input.file)).toEqual([
      "customers.csv",
      "orders.csv",
      "clients.csv",
      "invoices.csv",
      "payers.csv",
    ]);
  });
});

describe.concurrent("running again", () => {
  test("the same day gives the same bytes, and --json the summary and nothing else", async () => {
    const folder = copyOfDayOne();
    const finished = await crmAnalyze(folder, "run", "shop.yml", "--json");
    expectSuccess(finished);
    expect(JSON.parse(finished.stdout)).toMatchObject({ name: "shop", as_of_date: DAY_ONE, exit_code: 0 });
    expect(finished.stderr).toBe("");
    const [before, after] = [published.contents(), folder.contents()];
    for (const name of RESULTS)
      expect(after[`out/${DAY_ONE}/${name}`], name).toBe(before[`out/${DAY_ONE}/${name}`]);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  });

  test("another day shows who moved, keeps customer ids and leaves the first day alone", async () => {
    const folder = copyOfDayOne();
    const more = [...erpOrders(DAY_TWO), { number: "A1", person: 39, date: "2025-08-01", cents: 500 }];
    writeExports(folder, more);
    const finished = await crmAnalyze(folder, "run", "shop.yml", "--as-of", DAY_TWO);
    expectSuccess(finished);
    const [before, after] = [published.contents(), folder.contents()];
    for (const name of Object.keys(before).filter((path) => path.startsWith(`out/${DAY_ONE}/`)))
      expect(after[name], name).toBe(before[name]);
    const [first, second] = [idsByKey(folder, `out/${DAY_ONE}`), idsByKey(folder, `out/${DAY_TWO}`)];
    expect(second.size).toBe(first.size + 1);
    for (const [key, id] of first) expect(second.get(key), key).toBe(id);
    expect(folder.read(`out/${DAY_TWO}/report.html`)).toContain("Movements since the last run");
    expect(folder.read(`out/${DAY_ONE}/report.html`)).not.toContain("Movements since the last run");
    expect(JSON.parse(folder.read(`out/${DAY_TWO}/run.json`))).toMatchObject({
      previous_as_of_date: DAY_ONE,
    });
    expect(after["out/latest"]).toMatch(new RegExp(`${DAY_TWO}/?$`));
  });

  test("orders of later days, and a heading gone that is only useful, are warned of; --strict publishes and gives exit code 6", async () => {
    const folder = copyOfDayOne();
    writeExports(folder, [...erpOrders(DAY_ONE), { number: "F1", person: 1, date: "2027-01-01", cents: 1 }]);
    folder.write("crm/customers.csv", folder.read("crm/customers.csv").replace("Phone", "Telephone"));
    const { exitCode, stderr } = await crmAnalyze(folder, "run", "shop.yml", "--strict", "--out", "strict");
    expect(exitCode, stderr).toBe(6);
    expect(stderr).toContain(
      `orders: 1 row dated after ${DAY_ONE} stands among the rows used, but counts for nothing`,
    );
    expect(stderr).toMatch(/warning: .*customers\.csv:1: no column "Phone", so phone stays empty/);
    expect(countedInputs(folder, `strict/${DAY_ONE}`)).toHaveLength(5);
  });

  test("an analysis that does not exist: exit 2, with those that do", async () => {
    expect(await refused(copyOfDayOne(), 2, "--only", "rmf")).toMatch(
      /--only: unknown analysis rmf; there are rfm/,
    );
  });

  test("a bare file's flag on a pipeline is refused, not passed over: exit 2", async () => {
    const folder = copyOfDayOne();
    const finished = await crmAnalyze(folder, "rfm", "shop.yml", "--customer", "who");
    expectFailure(finished, 2);
    expect(finished.stderr).toContain("--customer");
  });
});

describe.concurrent("exports gone wrong leave yesterday's results", () => {
  test("two files missing: exit 4, both named", async () => {
    const folder = copyOfDayOne();
    rmSync(folder.at("erp/orders.csv"));
    rmSync(folder.at("billing/payers.csv"));
    const stderr = await refused(folder, 4, "--as-of", DAY_TWO);
    expect(stderr).toMatch(/erp\/orders\*\.csv: no such file/);
    expect(stderr).toMatch(/billing\/payers\.csv: no such file/);
  });

  test.each([
    ["currency", "Currency"],
    ["status", "State"],
    ["order_kind", "Kind"],
    ["discount_amount", "Discount"],
  ])("the heading of %s gone, which changes sums: exit 4, and named", async (column, heading) => {
    const folder = copyOfDayOne();
    const mapping = folder.read("mappings/erp.yml");
    folder.write("mappings/erp.yml", mapping.replace("order_key: Number", `$&\n      ${column}: ${heading}`));
    expect(await refused(folder, 4, "--as-of", DAY_TWO)).toMatch(
      new RegExp(`erp/orders.*csv:1: no column "${heading}" for ${column}`),
    );
  });

  test("a folder in a file's place: exit 4", async () => {
    const folder = copyOfDayOne();
    mkdirSync(folder.at("erp/orders_2.csv"));
    expect(await refused(folder, 4)).toMatch(/erp\/orders_2\.csv: is a folder, not a file/);
  });

  test("orders cut short, so that lines have none: exit 4, and doctor names the lines with their share", async () => {
    const head = (n: number) => `${n};C${n % 3};2025-0${1 + (n % 5)}-02`;
    const line = (n: number) => `${n};1;tea;${n}.50`;
    const numbers = Array.from({ length: 40 }, (_, at) => at + 1);
    const folder = folderOfTest({
      "erp.yml": HEADS_AND_LINES,
      "my.yml":
        "name: mine\noutput: out\nsources: [{ mapping: erp.yml, folder: erp }]\nanalyses: { rfm: {} }\n",
      "erp/heads.csv": `No;Customer;Day\n${numbers.map(head).join("\n")}\n`,
      "erp/lines.csv": `No;Pos;Product;Money\n${numbers.map(line).join("\n")}\n`,
    });
    const asked = (command: string) => crmAnalyze(folder, command, "my.yml", "--as-of", "2025-06-30");
    expectSuccess(await asked("run"));
    folder.write("erp/heads.csv", `No;Customer;Day\n${numbers.slice(0, 30).map(head).join("\n")}\n`);
    const before = folder.contents();
    const stopped = await asked("run");
    expectFailure(stopped, 4);
    const words = "lines.csv: 10 of 40 rows rejected (25 %), more than the 5 % allowed";
    expect(stopped.stderr).toContain(words);
    expect(stopped.stderr).toContain("lines.csv:32 No: no order has this number");
    expect(stopped.stderr).toContain("is the file of the orders whole?");
    expect(folder.contents(), "what is on disk").toEqual(before);
    const { exitCode, stdout } = await asked("doctor");
    expect(exitCode).toBe(4);
    expect(stdout).toContain("lines.csv No: no order has this number, 10 rows");
    expect(stdout).toContain(`A run stops, until these are corrected\n${words}`);

    folder.write("erp/heads.csv", `No;Customer;Day\n${numbers.map(head).join("\n")}\n`);
    folder.write("erp/lines.csv", `No;Pos;Product;Money\n${numbers.slice(0, 30).map(line).join("\n")}\n`);
    const cut = await asked("run");
    expectFailure(cut, 4);
    const empty = "orders: 10 of 40 have neither lines nor an amount (25 %), more than the 5 % allowed";
    expect(cut.stderr).toContain(empty);
    expect(cut.stderr).toContain("is the file of the order lines whole?");
    expect((await asked("doctor")).stdout).toContain(`A run stops, until these are corrected\n${empty}`);
  });

  test("an export that was not made anew, or came without a row, is warned of; --strict gives exit 6", async () => {
    const paid = `  paid:
    file: paid.csv
    entity: payments
    columns: { payment_key: Id, paid_at: Day, payment_amount: Money }
`;
    const folder = folderOfTest({
      "erp.yml": HEADS_AND_LINES + paid,
      "my.yml":
        "name: mine\noutput: out\nsources: [{ mapping: erp.yml, folder: erp }]\nanalyses: { rfm: {} }\n",
      "erp/heads.csv": "No;Customer;Day\n1;C1;2025-05-02\n",
      "erp/lines.csv": "No;Pos;Product;Money\n1;1;tea;5.00\n",
      "erp/paid.csv": "Id,Day,Money\n",
    });
    const run = (day: string, ...flags: string[]) =>
      crmAnalyze(folder, "run", "my.yml", "--as-of", day, ...flags);
    const fresh = await run("2025-06-06");
    expectSuccess(fresh);
    expect(fresh.stderr).toMatch(/paid\.csv: headings, but no rows; is the export whole\?/);
    expect(fresh.stderr).not.toContain("nothing after");
    const stale = await run("2025-06-07", "--strict");
    expect(stale.exitCode).toBe(6);
    expect(stale.stderr).toContain(
      "erp: orders: nothing after 2025-05-02, 36 days before the as-of date 2025-06-07",
    );
  });

  test("a folder in the place of latest: exit 5 before any work, and nothing is published", async () => {
    const folder = makeFolder();
    writePipeline(folder);
    folder.write("out/latest/report.html", "copied");
    const stopped = await crmAnalyze(folder, "run", "shop.yml");
    expectFailure(stopped, 5);
    expect(stopped.stderr).toContain("out/latest: is a folder, where the link to the newest run belongs");
    expect(entries(folder)).toEqual(["out/latest"]);
  });

  test("a currency without a rate: exit 4, with the cure", async () => {
    const folder = folderOfTest({
      "erp.yml": HEADS_AND_LINES.replace("order_date: Day", "order_date: Day, currency: Money"),
      "my.yml":
        "name: mine\ncurrency: EUR\noutput: out\nsources: [{ mapping: erp.yml, folder: erp }]\nanalyses: { rfm: {} }\n",
      "erp/heads.csv": "No;Customer;Day;Money\n1;C1;2025-01-02;EUR\n2;C1;2025-01-03;GBP\n",
      "erp/lines.csv": "No;Pos;Product;Money\n1;1;tea;5\n2;1;tea;6\n",
    });
    const stopped = await crmAnalyze(folder, "run", "my.yml", "--as-of", "2025-06-30");
    expectFailure(stopped, 4);
    expect(stopped.stderr).toContain(
      "money comes in 1 currency that has no rate when first used: currency GBP; name the pipeline's currency, and have its file of rates begin by that day",
    );
  });

  test("a source's folder missing: exit 4", async () => {
    const folder = copyOfDayOne();
    rmSync(folder.at("crm"), { recursive: true });
    expect(await refused(folder, 4)).toMatch(/crm: no such folder/);
  });

  test("wrong delimiter: exit 4, with file, line and the setting that cures it", async () => {
    const folder = copyOfDayOne();
    folder.write("crm/customers.csv", "Id;Name;Email;Phone\nK1;A;a@b.c;1\n");
    const stderr = await refused(folder, 4);
    expect(stderr).toMatch(/crm\/customers\.csv:1: split by "," there is one column; ";" splits it/);
    expect(stderr).toContain('set delimiter: ";"');
  });

  test("required columns gone in two files: exit 4, both told with what was found", async () => {
    const folder = copyOfDayOne();
    folder.write("erp/orders.csv", "Number;Kunde;Date;Total\n1;2;01.02.2025;3,00\n");
    folder.write("billing/invoices.csv", "id,customer,day,cents,order\n1,2,2025-01-01,3,4\n");
    const stderr = await refused(folder, 4);
    expect(stderr).toMatch(
      /orders\.csv:1: no column "Client" for customer_key; found Number, Kunde, Date, Total/,
    );
    expect(stderr).toMatch(
      /invoices\.csv:1: no column "date" for invoice_date; found id, customer, day, cents, order/,
    );
  });

  test("an empty file: exit 4, named", async () => {
    const folder = copyOfDayOne();
    folder.write("erp/orders.csv", "");
    expect(await refused(folder, 4)).toMatch(/erp\/orders\.csv: the file is empty/);
  });

  test("bytes that are not in the encoding said: exit 4, with file and line", async () => {
    const folder = copyOfDayOne();
    const bytes = Buffer.from(folder.read("crm/customers.csv"));
    folder.write(
      "mappings/crm.yml",
      folder
        .read("mappings/crm.yml")
        .replace("    entity: customers", "    entity: customers\n    encoding: gb18030"),
    );
    bytes[bytes.indexOf("Quux05")] = 0xff;
    folder.write("crm/customers.csv", bytes);
    expect(await refused(folder, 4)).toMatch(/customers\.csv:6: bytes that are not gb18030[^]*encoding:/);
  });

  test("repeated keys: the last row stands, those before are rejected with line and key", async () => {
    const folder = copyOfDayOne();
    const orders = erpOrders(DAY_ONE);
    writeExports(folder, [...orders, { ...orders[5]!, cents: 77 }, orders[6]!]);
    expectSuccess(await crmAnalyze(folder, "run", "shop.yml", "--out", "keys"));
    expect(countedInputs(folder, `keys/${DAY_ONE}`)[1]).toMatchObject({
      rows_in: orders.length + 2,
      rows_rejected: 2,
    });
    expect(readRows(folder, `keys/${DAY_ONE}/rejects.csv`)).toMatchObject([
      { file: "orders.csv", line_number: "7", column_name: "Number", value: orders[5]!.number },
      { file: "orders.csv", line_number: "8", column_name: "Number", value: orders[6]!.number },
    ]);
    const money = readRows(folder, `keys/${DAY_ONE}/rfm.csv`).reduce(
      (sum, row) => sum + Number(row["total_amount"]),
      0,
    );
    const expected = orders.reduce((sum, { cents }) => sum + cents, 77 - orders[5]!.cents) / 100;
    expect(money).toBeCloseTo(expected, 6);
  });

  test("a copy of a file that the pattern matches is detected and not counted twice", async () => {
    const folder = copyOfDayOne();
    folder.write("erp/orders copy.csv", folder.read("erp/orders.csv"));
    const finished = await crmAnalyze(folder, "run", "shop.yml", "--out", "copies");
    expectSuccess(finished);
    expect(finished.stderr).toMatch(
      /warning: .*orders\.csv: the same bytes as .*orders copy\.csv; not counted twice/,
    );
    expect(folder.read(`copies/${DAY_ONE}/rfm.csv`)).toBe(published.read(`out/${DAY_ONE}/rfm.csv`));
    expect(countedInputs(folder, `copies/${DAY_ONE}`)).toHaveLength(5);
  });
});

describe.concurrent("configuration", () => {
  test("five mistakes in a pipeline: exit 3, all told with file, line and key", async () => {
    const folder = copyOfDayOne();
    folder.write(
      "shop.yml",
      PIPELINE.replace("name: shop", "name: the shop")
        .replace("2025-06-30", "2025-06-31")
        .replace("EUR", "euro")
        .replace("output: out", "outputs: out")
        .replace("rfm: {}", "rfm: { bins: 11 }"),
    );
    const stderr = await refused(folder, 3);
    expect(stderr).toMatch(/shop\.yml:1 name: /);
    expect(stderr).toMatch(/shop\.yml:2 as_of_date: .*YYYY-MM-DD/);
    expect(stderr).toMatch(/shop\.yml:3 currency: .*EUR/);
    expect(stderr).toMatch(/shop\.yml:4 outputs: unknown key/);
    expect(stderr).toMatch(/shop\.yml:10 analyses\.rfm\.bins: .*10/);
  });

  test("mistakes in two mappings: exit 3, all told with file, line and key", async () => {
    const folder = copyOfDayOne();
    const change = (name: string, from: string, to: string) =>
      folder.write(`mappings/${name}`, folder.read(`mappings/${name}`).replace(from, to));
    change("crm.yml", "entity: customers", "entity: clients");
    change("erp.yml", "type: date_dmy", "type: dmy");
    change("erp.yml", "      customer_key: Client\n", "      client: Client\n");
    change("billing.yml", "type: minor_units", "typ: minor_units");
    const stderr = await refused(folder, 3);
    expect(stderr).toMatch(/crm\.yml:5 files\.customers\.entity: .*customers/);
    expect(stderr).toMatch(/erp\.yml:\d+ files\.orders\.columns\.order_date\.type: .*date_dmy/);
    expect(stderr).toMatch(/erp\.yml:\d+ files\.orders\.columns\.client: orders has no such column/);
    expect(stderr).toMatch(/erp\.yml:\d+ files\.orders\.columns: orders needs customer_key/);
    expect(stderr).toMatch(/billing\.yml:\d+ files\.invoices\.columns\.invoice_amount\.typ: unknown key/);
  });

  test("YAML that is none: exit 3, with file and line", async () => {
    const folder = copyOfDayOne();
    folder.write("shop.yml", `${PIPELINE}  rfm: [\n`);
    expect(await refused(folder, 3)).toMatch(/shop\.yml:\d+ /);
  });

  test("no as-of date: exit 3, with both ways to give one", async () => {
    const folder = copyOfDayOne();
    folder.write("shop.yml", PIPELINE.replace(/as_of_date.*\n/, ""));
    expect(await refused(folder, 3)).toMatch(/no as_of_date[^]*as_of_date:[^]*--as-of/);
  });

  test("a pipeline that is not there, or a folder: exit 3", async () => {
    const folder = folderOfTest();
    const missing = await crmAnalyze(folder, "run", "nowhere.yml");
    expectFailure(missing, 3);
    expect(missing.stderr).toContain("nowhere.yml: no such file");
    const none = await crmAnalyze(folder, "run", ".");
    expectFailure(none, 3);
    expect(none.stderr).toContain(".: is a folder, not a file");
  });
});

describe.concurrent("two runs into one folder, and runs that are stopped", () => {
  /** A pause in the middle of a run, however fast the machine: stopped by a signal once it has said the step. */
  async function pausedAfter(folder: TemporaryFolder, step: string, ...args: string[]) {
    const running = start(["run", "shop.yml", ...args], { folder });
    await running.said(`${step}: `);
    running.child.kill("SIGSTOP");
    return running;
  }

  test("the second: exit 5, naming the first's process; the first ends well", async () => {
    const folder = copyOfDayOne();
    const first = await pausedAfter(folder, "staged", "--as-of", DAY_TWO);
    const second = await crmAnalyze(folder, "run", "shop.yml", "--as-of", DAY_TWO);
    first.child.kill("SIGCONT");
    expectSuccess(await first.finished);
    expectFailure(second, 5);
    expect(second.stderr).toContain(`another run holds it, process ${first.child.pid}`);
    expect(second.stderr).toContain("--out");
    expect(entries(folder)).toEqual([`out/${DAY_ONE}`, `out/${DAY_TWO}`, "out/latest"]);
  });

  test.each(["unified.customers", "results.rfm"])(
    "Ctrl-C after %s: exit 130, nothing half-written, earlier results intact",
    async (step) => {
      const folder = copyOfDayOne();
      const before = folder.contents();
      const running = await pausedAfter(folder, step);
      running.child.kill("SIGINT");
      running.child.kill("SIGCONT");
      const { exitCode, stdout, stderr } = await running.finished;
      expect(exitCode, stderr).toBe(130);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/stopped; nothing was published/);
      expect(stderr).not.toMatch(/unexpected|^error/im);
      expect(folder.contents()).toEqual(before);
    },
  );

  test("Ctrl-C in a long statement: it is cut short, exit 130, nothing left", async () => {
    const folder = copyOfDayOne();
    const orders = erpOrders(DAY_ONE);
    const many = Array.from({ length: 60_000 }, (_, i) => ({
      ...orders[i % orders.length]!,
      number: `M${i}`,
    }));
    writeExports(folder, many);
    const before = folder.contents();
    const running = start(["run", "shop.yml"], { folder });
    await running.said("staged: ");
    running.child.kill("SIGINT");
    expect((await running.finished).exitCode).toBe(130);
    expect(folder.contents()).toEqual(before);
  });

  test("a killed process blocks no later run and takes no result away", async () => {
    const folder = copyOfDayOne();
    const running = await pausedAfter(folder, "results.rfm");
    running.child.kill("SIGKILL");
    running.child.kill("SIGCONT");
    await running.finished;
    for (const name of RESULTS)
      expect(folder.read(`out/${DAY_ONE}/${name}`)).toBe(published.read(`out/${DAY_ONE}/${name}`));
    expectSuccess(await crmAnalyze(folder, "run", "shop.yml"));
    expect(entries(folder), "what the killed run left is cleared").toEqual([`out/${DAY_ONE}`, "out/latest"]);
  });
});
