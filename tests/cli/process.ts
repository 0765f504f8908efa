import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../bin/crm-analyze.js", import.meta.url));

/** How a process of crm-analyze ended, and what it said. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** A process of crm-analyze under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when stderr holds the text; fails when the process ends without it. */
  said(text: string): Promise<void>;
}

export interface StartOptions {
  readonly folder: TemporaryFolder;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts crm-analyze in a folder; temporary files of its own go to `.tmp` there. */
export function start(args: readonly string[], { folder, environment = {} }: StartOptions): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"], TMPDIR: folder.temporary, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ stdout, stderr, exitCode }));
  });
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => stderr.includes(text) && resolve();
      look();
      child.stderr.on("data", look);
      child.on("close", () => reject(new Error(`ended without saying "${text}":\n${stderr}`)));
    });
  return { child, finished, said };
}

/** Runs crm-analyze in a folder to its end. */
export function crmAnalyze(folder: TemporaryFolder, ...args: string[]): Promise<Finished> {
  return start(args, { folder }).finished;
}

/** A folder outside the project. */
export interface TemporaryFolder {
  readonly path: string;
  /** Where processes started in the folder put temporary files. */
  readonly temporary: string;
  /** The path of something inside. */
  at(...names: string[]): string;
  write(name: string, content: string | Uint8Array): void;
  read(name: string): string;
  readBytes(name: string): Uint8Array;
  /** Every file by its path, with the hash of its content; links by where they point. */
  contents(): Record<string, string>;
  remove(): void;
}

/** A new folder, gone when all tests of the file are over; they may run at the same time. */
export function makeFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "crm-analyze-test-"));
  const at = (...names: string[]) => join(path, ...names);
  mkdirSync(at(".tmp"));
  const folder: TemporaryFolder = {
    path,
    temporary: at(".tmp"),
    at,
    write: (name, content) => {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), content);
    },
    read: (name) => readFileSync(at(name), "utf8"),
    readBytes: (name) => new Uint8Array(readFileSync(at(name))),
    contents: () => contentsOf(path),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
  folders.push(folder);
  return folder;
}

const folders: TemporaryFolder[] = [];

/** Removes what {@link makeFolder} made since; `tests/leave-nothing.ts` calls it after every file. */
export const removeFolders = () => folders.splice(0).forEach((folder) => folder.remove());
process.once("exit", removeFolders);

/** As `makeFolder`, with files in it. */
export function folderOfTest(files: Readonly<Record<string, string | Uint8Array>> = {}): TemporaryFolder {
  const folder = makeFolder();
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  return folder;
}

function contentsOf(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [relative(root, path), describe(path)] as const;
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function describe(path: string): string {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (!stats.isFile()) return "folder";
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Holds what every foreseen failure owes: its exit code, a message on stderr alone, and no bug's words. */
export function expectFailure(finished: Finished, exitCode: number): void {
  const { stdout, stderr } = finished;
  expect(stderr).not.toMatch(/unexpected|this is a bug/i);
  expect(stderr).not.toMatch(/^\s+at .+:\d+/m);
  expect(stderr).toMatch(/^error: \S/m);
  expect(finished, stderr).toMatchObject({ exitCode, stdout: "" });
  expect(stdout).toBe("");
}

/** Holds that a command succeeded, and shows what it said when it did not. */
export function expectSuccess({ exitCode, stderr }: Finished): void {
  expect(stderr).not.toMatch(/^error|unexpected/im);
  expect(exitCode, stderr).toBe(0);
}

/** The rows of one file in run.json. */
export interface CountedInput {
  readonly file: string;
  readonly rows_in: number;
  readonly rows_staged: number;
  readonly rows_skipped: number;
  readonly rows_rejected: number;
}

/** The files of a published run, each proven to add up. */
export function countedInputs(folder: TemporaryFolder, run: string): CountedInput[] {
  const { inputs } = JSON.parse(folder.read(join(run, "run.json"))) as { inputs: CountedInput[] };
  for (const input of inputs) {
    expect(input.rows_in, input.file).toBe(input.rows_staged + input.rows_skipped + input.rows_rejected);
  }
  return inputs;
}

/** A published CSV as rows of named cells; for files without line ends inside cells. */
export function readRows(folder: TemporaryFolder, name: string): Record<string, string>[] {
  const [header, ...lines] = folder.read(name).trimEnd().split("\n").map(splitLine);
  return lines.map((cells) => Object.fromEntries(header!.map((heading, i) => [heading, cells[i]!])));
}

function splitLine(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g), ([, quoted, bare]) =>
    quoted === undefined ? bare! : quoted.replaceAll('""', '"'),
  );
}
