import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, expect, test } from "vitest";

const LOADER = new URL("../../bin/compiled.js", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "crm-analyze-bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  writeFileSync(
    join(folder, "start.cjs"),
    'const { sep } = require("node:path"); exports.name = "start"; globalThis.runs = (globalThis.runs ?? 0) + 1; exports.say = () => require("./said.cjs").said + sep;',
  );
  writeFileSync(
    join(folder, "said.cjs"),
    'exports.said = "said by " + require("./start.cjs").name + " of " + globalThis.runs;',
  );
});

function run(then = ""): { printed: string; complaints: string } {
  const code = `
    import { CompiledBundle } from ${JSON.stringify(LOADER)};
    const bundle = new CompiledBundle(new URL(${JSON.stringify(`${pathToFileURL(folder).href}/`)}));
    console.log(bundle.load("./start.cjs").say());
    ${then}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
  });
  return { printed: stdout.trim(), complaints: stderr };
}

const SAID = process.platform === "win32" ? "said by start of 1\\" : "said by start of 1/";

test("chunks reach one another, once each, and what Node has", () => {
  expect(run()).toEqual({ printed: SAID, complaints: "" });
  expect(existsSync(join(folder, "start.cjs.v8"))).toBe(false);
});

test("a chunk may import what is not part of the bundle", () => {
  writeFileSync(
    join(folder, "start.cjs"),
    'exports.say = () => import("node:path").then(({ sep }) => console.log("imported " + sep)) && "asked";',
  );
  expect(run().printed).toBe(`asked\nimported ${SAID.at(-1)!}`);
});

test("what was compiled is kept beside its chunk, and the same is said from it", () => {
  expect(run("bundle.keep();").printed).toBe(SAID);
  expect(readFileSync(join(folder, "said.cjs.v8")).length).toBeGreaterThan(100);
  expect(run()).toEqual({ printed: SAID, complaints: "" });
});

test("what another V8 kept, or of a chunk of another length, is passed over", () => {
  run("bundle.keep();");
  writeFileSync(join(folder, "said.cjs.v8"), "of another version");
  writeFileSync(
    join(folder, "start.cjs"),
    'exports.name = "new"; exports.say = () => require("./said.cjs").said;',
  );
  expect(run()).toEqual({ printed: "said by new of undefined", complaints: "" });
});

test("the program's own chunks are kept as this Node takes them", () => {
  const bundle = new URL("../../dist/bundle/", import.meta.url).pathname;
  const code = `
    const { readdirSync, readFileSync } = require("node:fs");
    const { Script } = require("node:vm");
    const kept = readdirSync(${JSON.stringify(bundle)}).filter((name) => name.endsWith(".v8"));
    const rejected = kept.filter((name) => {
      const path = ${JSON.stringify(bundle)} + name.slice(0, -3);
      const text = "(function (exports, require, module, __filename) {" + readFileSync(path, "utf8") + "\\n})";
      return new Script(text, { filename: path, cachedData: readFileSync(path + ".v8") }).cachedDataRejected;
    });
    console.log(kept.length > 10, rejected.join());`;
  expect(spawnSync(process.execPath, ["-e", code], { encoding: "utf8" }).stdout.trim()).toBe("true");
});
