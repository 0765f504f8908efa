import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ANALYSES } from "../src/analyses/index.js";
import { RULE_COLUMNS } from "../src/analyses/segments-columns.js";
import { parseCondition } from "../src/condition-parser.js";
import { ENTITIES } from "../src/entities.js";
import { ENCODINGS } from "../src/inputs/encodings.js";
import { CELL_TYPES, Mapping } from "../src/mapping.js";
import { readPlan } from "../src/pipeline.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8");
const NOT_OURS = new Set(["node_modules", "dist", "out", ".git"]);

function documentsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (NOT_OURS.has(entry.name)) return [];
    if (entry.isDirectory()) return documentsIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** A schema as far as we look into it. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
}

const schemaOf = (type: z.ZodType) => z.toJSONSchema(type, { io: "input" }) as Schema;

/** Every key that the schema gives a name, at any depth. */
function keysOf(schema: Schema): string[] {
  const { properties = {}, additionalProperties, anyOf = [] } = schema;
  const below = typeof additionalProperties === "object" ? [additionalProperties] : [];
  return [...Object.keys(properties), ...[...Object.values(properties), ...below, ...anyOf].flatMap(keysOf)];
}

const defaultText = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));
const missing = (names: readonly string[], text: string) => names.filter((name) => !text.includes(name));
const quoted = (names: readonly string[]) => names.map((name) => `\`${name}\``);

describe("links between documents", () => {
  const documents = documentsIn("");

  test("there are documents to look at", () => {
    expect(documents).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "DECISIONS.md"]));
  });

  test.each(documents)("of %s lead somewhere", (path) => {
    const links = Array.from(textOf(path).matchAll(/\]\(([^)\s]+)\)/g), ([, to]) => to!);
    const broken = links.filter((to) => !/^[a-z]+:/.test(to) && !leadsSomewhere(path, to));
    expect(broken).toEqual([]);
  });

  function leadsSomewhere(from: string, to: string): boolean {
    const [file, heading] = to.split("#") as [string, string?];
    const path = file === "" ? from : join(dirname(from), file);
    if (!existsSync(join(ROOT, path))) return false;
    return heading === undefined || headingsOf(textOf(path)).includes(heading);
  }

  const headingsOf = (text: string) =>
    Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
});

describe.each(ANALYSES.map(({ name, config }) => ({ name, config })))(
  "docs/analyses/$name.md",
  ({ name, config }) => {
    const page = textOf(`docs/analyses/${name}.md`);
    const settings = Object.entries(schemaOf(config).properties ?? {});

    test.each(settings)(
      "has a row for the setting %s, with its values and its default",
      (setting, schema) => {
        const [row] = page.match(new RegExp(`^\\| \`${setting}\` \\|.*$`, "m")) ?? [];
        expect(row).toBeDefined();
        expect(missing(schema.enum ?? [], row!)).toEqual([]);
        expect(row).toContain(
          schema.default === undefined ? "| none" : `| \`${defaultText(schema.default)}\` |`,
        );
      },
    );

    test("has no row for a setting that there is not", () => {
      const [, table] = page.split("## Settings");
      const rows = table!.split("\n## ")[0]!.matchAll(/^\| `(\w+)` \|/gm);
      expect(Array.from(rows, ([, setting]) => setting)).toEqual(settings.map(([setting]) => setting));
    });
  },
);

describe("docs/mappings.md", () => {
  const page = textOf("docs/mappings.md");

  test("has every key", () => {
    const keys = keysOf(schemaOf(Mapping));
    expect(keys.length).toBeGreaterThan(12);
    expect(missing(quoted(keys), page)).toEqual([]);
  });

  test("has a row for every cell type, and every encoding", () => {
    expect(
      missing(
        CELL_TYPES.map((type) => `\n| \`${type}\` |`),
        page,
      ),
    ).toEqual([]);
    expect(missing(quoted(ENCODINGS), page)).toEqual([]);
  });

  test.each(Object.entries(ENTITIES))("has the columns of %s as they are", (name, { columns, required }) => {
    const [, listed] = new RegExp(`^\\| \`${name}\` \\|([^|]*)\\|`, "m").exec(page) ?? [];
    const described = Object.entries(columns).map(
      ([column, type]) =>
        `\`${column}\`${required.includes(column) ? "*" : ""}${type === "text" ? "" : ` ${type}`}`,
    );
    expect(listed?.trim()).toBe(described.join(", "));
  });
});

describe("pipelines/nightly.yml", () => {
  const text = textOf("pipelines/nightly.yml");
  /** A key that is set, or shown in a comment. */
  const isNamed = (key: string) => new RegExp(`(^|[{,#]) *(# )?${key}:`, "m").test(text);

  test("is a valid pipeline that runs every analysis", () => {
    const plan = readPlan(join(ROOT, "pipelines/nightly.yml"), {});
    expect(Object.keys(plan.analyses)).toEqual(ANALYSES.map(({ name }) => name));
  });

  test("sets every default as it is", () => {
    const { analyses, limits, masksNames } = readPlan(join(ROOT, "pipelines/nightly.yml"), {});
    for (const { name, config } of ANALYSES) expect(analyses[name]).toEqual(config.parse({}));
    expect(limits).toEqual({ rejected_share: 0.05, memory: "1GB" });
    expect(masksNames).toBe(true);
  });

  test.each(ANALYSES.map(({ name, config }) => ({ name, config })))(
    "names every setting of $name",
    ({ config }) => {
      expect(Object.keys(schemaOf(config).properties ?? {}).filter((key) => !isNamed(key))).toEqual([]);
    },
  );

  test("names every key of a pipeline", () => {
    const source = textOf("src/pipeline.ts").split("/** Everything a run depends on")[0]!;
    const keys = Array.from(source.matchAll(/^ {2}([a-z_]+): (?:z\b|Identity|Limits)/gm), ([, key]) => key!);
    expect(keys.length).toBeGreaterThan(15);
    expect(keys.filter((key) => !isNamed(key))).toEqual([]);
  });
});

test("CHANGELOG.md tells of this version", () => {
  const { version } = JSON.parse(textOf("package.json")) as { version: string };
  expect(textOf("CHANGELOG.md")).toContain(`\n## ${version}\n`);
});

test("docs/segments-in-words.md has conditions that rules may have", () => {
  const [, block] = /```conditions\n(.*?)```/s.exec(textOf("docs/segments-in-words.md"))!;
  const conditions = block!.trimEnd().split("\n");
  expect(conditions.length).toBeGreaterThan(5);
  const problems = conditions.flatMap((text) => {
    const parsed = parseCondition(text, RULE_COLUMNS);
    return parsed.kind === "problems" ? parsed.problems.map((problem) => `${text}: ${problem}`) : [];
  });
  expect(problems).toEqual([]);
});
