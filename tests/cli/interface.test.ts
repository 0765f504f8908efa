import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { ordersCsv, shopOrders } from "./orders.js";
import { PEOPLE, writePipeline } from "./pipeline.js";
import {
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  makeFolder,
  type Finished,
} from "./process.js";

/** Colours and weights of a terminal; moving the cursor is no colour. */
// eslint-disable-next-line no-control-regex -- these are what a terminal obeys
const COLOUR = /\u001b\[[\d;]*m/;

const EXIT_CODES = ["0 ok", "1 bug", "2 usage", "3 configuration", "4 data", "5 engine", "6 published"];

describe.concurrent("help", () => {
  const folder = makeFolder();
  let help: Finished;
  beforeAll(async () => {
    help = await crmAnalyze(folder, "--help");
  });

  const commands = () =>
    Array.from(help.stdout.matchAll(/^ {2}([a-z]+)(?: \[| <|$| {2,})/gm), ([, name]) => name!).filter(
      (name) => name !== "crm",
    );

  test("goes to stdout with exit 0, with examples and the exit codes", () => {
    expectSuccess(help);
    expect(help.stderr).toBe("");
    expect(help.stdout).toMatch(/Examples:\n {2}crm-analyze rfm orders\.csv/);
    for (const code of EXIT_CODES) expect(help.stdout).toContain(code);
    expect(commands()).toEqual(expect.arrayContaining(["run", "rfm"]));
  });

  test("every example calls a command that there is", () => {
    const called = Array.from(help.stdout.matchAll(/^ {2}crm-analyze ([a-z]+)/gm), ([, name]) => name!);
    expect(called.length).toBeGreaterThan(2);
    expect(commands()).toEqual(expect.arrayContaining(called));
  });

  test("of each command ends with an example of its own", async () => {
    const names = commands().filter((name) => name !== "help");
    const texts = await Promise.all(names.map((name) => crmAnalyze(folder, name, "--help")));
    for (const [i, { exitCode, stdout }] of texts.entries()) {
      expect(exitCode, names[i]).toBe(0);
      expect(stdout, names[i]).toMatch(new RegExp(`Examples?:\\n(.*\\n)*? {2}crm-analyze ${names[i]}`));
    }
  });

  test("no command at all: the help, exit 2", async () => {
    const { exitCode, stdout, stderr } = await crmAnalyze(folder);
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toContain("Examples:");
  });

  test("--version is that of the package", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await crmAnalyze(folder, "--version")).toEqual({
      stdout: `${version}\n`,
      stderr: "",
      exitCode: 0,
    });
  });

  test.each([
    [["rmf"], /unknown command 'rmf'[^]*Did you mean rfm/],
    [
      ["rfm", "orders.csv", "--bin", "3"],
      /unknown option '--bin'[^]*Did you mean --bins[^]*\(see crm-analyze rfm --help\)/,
    ],
    [["run", "--as-off", "2025-01-01"], /unknown option '--as-off'[^]*Did you mean --as-of/],
    [["rfm"], /missing required argument/],
    [["rfm", "--bins"], /option '--bins <n>' argument missing/],
    [["run", "a.yml", "b.yml"], /too many arguments/],
  ])("%j: exit 2, with what was meant and where help is", async (args, message) => {
    const finished = await crmAnalyze(folder, ...args);
    expectFailure(finished, 2);
    expect(finished.stderr).toMatch(message);
    expect(finished.stderr).toContain("--help");
  });
});

describe.concurrent("streams and colours", () => {
  const folder = makeFolder();
  let finished: Finished;
  beforeAll(async () => {
    folder.write("orders.csv", ordersCsv(shopOrders(), "C01,2030-01-01,9", "C02,2025-02-30,9"));
    finished = await crmAnalyze(folder, "rfm", "orders.csv", "--as-of", "2025-12-31");
    expectSuccess(finished);
  });

  test("stdout has the answer; what was guessed and warned is on stderr", () => {
    expect(finished.stdout.split("\n")[0]).toContain("As of 2025-12-31");
    expect(finished.stdout).not.toMatch(/warning:|read as|rows, \d+ ms/);
    expect(finished.stderr).toMatch(/customer: customer_id; date: order_date, read as dates, year first/);
    expect(finished.stderr).toMatch(/^warning: /m);
  });

  test("no colours where there is no terminal", () => {
    expect(finished.stdout + finished.stderr).not.toMatch(COLOUR);
  });

  const canScript = spawnSync("script", ["--version"]).status === 0;
  const onTerminal = (environment: Record<string, string>) =>
    spawnSync("script", ["-qec", `'${process.execPath}' '${PROGRAM}' rfm orders.csv`, "/dev/null"], {
      cwd: folder.path,
      env: { PATH: process.env["PATH"], TERM: "xterm", TMPDIR: folder.temporary, ...environment },
      encoding: "utf8",
    }).stdout;
  const PROGRAM = new URL("../../bin/crm-analyze.js", import.meta.url).pathname;

  test.skipIf(!canScript)(
    "on a terminal headings stand out, with NO_COLOR they do not (skipped without script(1))",
    () => {
      expect(onTerminal({})).toMatch(COLOUR);
      const plain = onTerminal({ NO_COLOR: "1" });
      expect(plain).toContain("Segments");
      expect(plain).not.toMatch(COLOUR);
    },
  );

  test("characters in a file that would steer the terminal are shown, not obeyed", async () => {
    const hostile = folderOfTest({ "orders.csv": "customer\u001b[31m,order_date,amount\nA,2025-01-02,9\n" });
    const read = await crmAnalyze(hostile, "rfm", "orders.csv");
    expect(read.stdout + read.stderr).not.toMatch(COLOUR);
    const refused = await crmAnalyze(hostile, "rfm", "orders.csv", "--customer", "who");
    expectFailure(refused, 2);
    expect(refused.stderr).not.toMatch(COLOUR);
  });
});

describe.concurrent("customers' data stays out of logs and errors", () => {
  const SECRETS = [/Zebediah/i, /quux\d/i, /secret\.example/i, /1555000\d/];
  const expectSilence = (text: string) => {
    for (const secret of SECRETS) expect(text).not.toMatch(secret);
  };

  test("in a run with warnings and rejects, and in run.json", async () => {
    const folder = folderOfTest();
    writePipeline(folder);
    const people = folder.read("crm/customers.csv");
    const { name, email, phone } = PEOPLE[3]!;
    folder.write("crm/customers.csv", `${people}K01,${name},${email},${phone}\n,${name},${email},${phone}\n`);
    folder.write("erp/orders.csv", `${folder.read("erp/orders.csv")}N;900;${name};9,00\n`);
    const finished = await crmAnalyze(folder, "run", "shop.yml");
    expectSuccess(finished);
    expect(finished.stdout).toMatch(/[1-9]\d* rejected/);
    expectSilence(finished.stdout + finished.stderr + folder.read("out/2025-06-30/run.json"));
  });

  test("in a run that too many unreadable rows stop", async () => {
    const folder = folderOfTest();
    writePipeline(folder);
    const shifted = PEOPLE.map(({ name, email, phone }, i) => `N${i};${name};${email};${phone}`);
    folder.write("erp/orders.csv", ["Number;Client;Date;Total", ...shifted, ""].join("\n"));
    const finished = await crmAnalyze(folder, "run", "shop.yml");
    expectFailure(finished, 4);
    expectSilence(finished.stderr);
  });

  test("in a run whose export has lost its headings", async () => {
    const folder = folderOfTest();
    writePipeline(folder);
    folder.write("crm/customers.csv", folder.read("crm/customers.csv").replace(/^.*\n/, ""));
    const finished = await crmAnalyze(folder, "run", "shop.yml");
    expectFailure(finished, 4);
    expectSilence(finished.stderr);
  });

  test("on stderr of a bare file whose customers are e-mails", async () => {
    const rows = PEOPLE.map(({ email }, i) => `${email},2025-01-${String((i % 28) + 1).padStart(2, "0")},9`);
    const folder = folderOfTest({ "orders.csv": ordersCsv([], ...rows, `${PEOPLE[0]!.email},2025-02-30,9`) });
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--out", "results");
    expectSuccess(finished);
    expectSilence(finished.stderr + folder.read("results/run.json"));
  });
});
