import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PACKAGE = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
  bin: Record<string, string>;
};

/** A fenced block of commands, and the lines that the README promises of them. */
interface Block {
  readonly commands: readonly string[];
  readonly lines: readonly string[];
}

/** The `sh` blocks of a document in their order, each with the `text` block right behind it. */
function blocksIn(document: string): Block[] {
  const blocks = document.matchAll(/^```sh\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm);
  const linesOf = (text: string) => text.split("\n").filter((line) => line !== "" && line !== "…");
  return Array.from(blocks, ([, commands, lines]) => ({
    commands: linesOf(commands!),
    lines: linesOf(lines ?? ""),
  }));
}

/** What runs in place of a command: installing and testing are what is going on; `npm run` is looked up. */
function runnable(command: string): string | undefined {
  const rest = command.replace(/^npm ci && /, "");
  if (rest === "npm test") return undefined;
  const script = /^npm run (\w+)$/.exec(rest)?.[1];
  return script === undefined ? rest : PACKAGE.scripts[script];
}

const PROGRAM = `node ${PACKAGE.bin["crm-analyze"]}`;

/** `npx crm-analyze` runs the package's own program, as it does in a clone. */
const NPX = `npx() { shift; ${PROGRAM} "$@"; }`;

/** What a command printed; what was run before is not run again, as the same command gives the same answer. */
function outputOf(command: string, folder: string, known: Map<string, string>): string {
  const same = command.replace(/^npx crm-analyze/, PROGRAM);
  if (known.has(same)) return known.get(same)!;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", `${NPX}\n${command}`], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(status, `${command}\n${stderr}`).toBe(0);
  known.set(same, stdout + stderr);
  return stdout + stderr;
}

/** What the commands read; everything else they make in a folder of their own. */
const LINKED = ["bin", "fixtures", "pipelines"];

const BLOCKS = blocksIn(readFileSync(join(ROOT, "README.md"), "utf8"));

describe("the README", () => {
  let folder: string;
  const known = new Map<string, string>();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "crm-analyze-readme-"));
    for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("has commands to run, with what they print", () => {
    expect(BLOCKS.length).toBeGreaterThan(5);
    expect(BLOCKS.flatMap(({ lines }) => lines).length).toBeGreaterThan(10);
  });

  test("begins with the demo and the tests", () => {
    expect(BLOCKS.slice(0, 2).flatMap(({ commands }) => commands)).toEqual([
      "npm ci && npm run demo",
      "npm ci && npm test",
    ]);
  });

  test.each(BLOCKS.map((block) => ({ ...block, title: block.commands.join("; ") })))(
    "$title",
    ({ commands, lines }) => {
      const outputs = commands
        .map(runnable)
        .map((command) => (command === undefined ? "" : outputOf(command, folder, known)));
      const printed = new Set(outputs.join("\n").split("\n"));
      expect(lines.filter((line) => !printed.has(line))).toEqual([]);
    },
    300_000,
  );

  test("names every exit code there is", async () => {
    const { EXIT_CODES } = await import("../src/errors.js");
    const rows = readFileSync(join(ROOT, "README.md"), "utf8").match(/^\| \d+ \|/gm) ?? [];
    expect(rows.map((row) => Number(row.slice(2, -2)))).toEqual([...Object.values(EXIT_CODES), 130]);
  });

  test("leaves nothing behind in the tree", () => {
    const made = readdirSync(folder).filter((name) => !LINKED.includes(name));
    expect(made.length).toBeGreaterThan(0);
    expect(made.filter((name) => name !== "out" && existsSync(join(ROOT, name)))).toEqual([]);
  });
});
