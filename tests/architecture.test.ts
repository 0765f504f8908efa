import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ANALYSES } from "../src/analyses/index.js";
import { LANGUAGES, textsIn } from "../src/texts/index.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const NOT_OURS = new Set(["node_modules", "dist", "out", ".git"]);

/** Every file of the project below a folder, as paths from the root with forward slashes. */
function filesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8");
const PACKAGE = JSON.parse(textOf("package.json")) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

interface Import {
  readonly from: string;
  /** A path from the root, or a package. */
  readonly to: string;
  readonly isType: boolean;
}

interface Module {
  readonly path: string;
  readonly file: ts.SourceFile;
  readonly imports: readonly Import[];
}

function moduleAt(path: string): Module {
  const file = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ES2023, true);
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const named = specifierOf(node);
    if (named !== undefined)
      imports.push({ from: path, to: resolved(path, named.text), isType: isTypeOnly(node) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, file, imports };
}

function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  const named =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : undefined;
  return named !== undefined && ts.isStringLiteral(named) ? named : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { importClause } = node;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = importClause.namedBindings;
  return (
    importClause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function resolved(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return join(dirname(from), specifier).replaceAll("\\", "/").replace(/\.js$/, ".ts");
}

const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
const isScript = (path: string) => path.endsWith(".ts");
const MODULES = filesIn("src").filter(isScript).map(moduleAt);
const BY_PATH = new Map(MODULES.map((module) => [module.path, module]));
const IMPORTS = MODULES.flatMap(({ imports }) => imports);
const isIn = (path: string, ...folders: readonly string[]) =>
  folders.some((folder) => path === `src/${folder}.ts` || path.startsWith(`src/${folder}/`));
const arrows = (imports: readonly Import[]) => imports.map(({ from, to }) => `${from} → ${to}`);

/** Everything a module imports, over any number of steps; types add nothing at run time. */
function reachedFrom(path: string, reached = new Set<string>()): Set<string> {
  for (const { to, isType } of BY_PATH.get(path)?.imports ?? []) {
    if (isType || reached.has(to)) continue;
    reached.add(to);
    reachedFrom(to, reached);
  }
  return reached;
}

describe("imports go one way", () => {
  const LINE = ["cli", "commands", "run", "steps", "analyses", "models", "math"];
  const placeOf = (path: string) => LINE.findIndex((folder) => isIn(path, folder));

  test("there are imports to look at", () => {
    expect(IMPORTS.length).toBeGreaterThan(100);
    for (const folder of LINE)
      expect(
        MODULES.some(({ path }) => isIn(path, folder)),
        folder,
      ).toBe(true);
  });

  test(`down the line ${LINE.join(" → ")}`, () => {
    const upwards = IMPORTS.filter(({ from, to }) => placeOf(to) >= 0 && placeOf(to) < placeOf(from));
    expect(arrows(upwards)).toEqual([]);
  });

  test("engines, inputs and outputs import nothing of the line", () => {
    const line = ["cli", "commands", "run", "steps", "analyses"];
    const wrong = IMPORTS.filter(
      ({ from, to }) => isIn(from, "engines", "inputs", "outputs") && isIn(to, ...line),
    );
    expect(arrows(wrong)).toEqual([]);
    const reaching = MODULES.filter(({ path }) => isIn(path, "engines", "inputs", "outputs")).flatMap(
      ({ path }) => [...reachedFrom(path)].filter((to) => isIn(to, ...line)).map((to) => `${path} … ${to}`),
    );
    expect(reaching).toEqual([]);
  });

  test("models and math reach neither an engine, nor files, nor a step, not even for a type", () => {
    const wrong = IMPORTS.filter(
      ({ from, to }) =>
        isIn(from, "models", "math") &&
        (isIn(to, "engines", "steps", "inputs", "outputs", "analyses", "commands") || to.startsWith("node:")),
    );
    expect(arrows(wrong)).toEqual([]);
    const reaching = MODULES.filter(({ path }) => isIn(path, "models", "math")).flatMap(({ path }) =>
      [...reachedFrom(path)]
        .filter((to) => isIn(to, "engines", "steps") || to.startsWith("node:"))
        .map((to) => `${path} … ${to}`),
    );
    expect(reaching).toEqual([]);
  });

  test("an analysis cannot reach an engine", () => {
    const wrong = IMPORTS.filter(({ from, to }) => isIn(from, "analyses") && isIn(to, "engines", "steps"));
    expect(arrows(wrong)).toEqual([]);
  });

  test("no step reaches an engine, for it is given one; nor does what a cell looks like", () => {
    const reaching = MODULES.filter(({ path }) => isIn(path, "steps", "cell-shapes")).flatMap(({ path }) =>
      [...reachedFrom(path)].filter((to) => isIn(to, "engines", "workshop")).map((to) => `${path} … ${to}`),
    );
    expect(reaching).toEqual([]);
    expect([...reachedFrom("src/cell-shapes.ts")]).toEqual(["src/currencies.ts"]);
  });

  test("no module imports itself in a circle", () => {
    const circles = MODULES.filter(({ path }) => reachedFrom(path).has(path)).map(({ path }) => path);
    expect(circles).toEqual([]);
  });

  test.each([
    ["@duckdb/node-api", (path: string) => isIn(path, "engines")],
    ["@observablehq/plot", (path: string) => path === "src/outputs/charts.ts"],
    ["linkedom", (path: string) => path === "src/outputs/charts.ts"],
    ["hucre", (path: string) => path === "src/inputs/excel.ts" || path === "src/outputs/excel.ts"],
    ["@commander-js/extra-typings", (path: string) => isIn(path, "cli")],
    ["commander", (path: string) => isIn(path, "cli")],
  ])("%s is imported where it belongs only", (name, isAllowed) => {
    const wrong = IMPORTS.filter(({ from, to }) => packageOf(to) === name && !isAllowed(from));
    expect(arrows(wrong)).toEqual([]);
  });
});

describe("the same stem everywhere", () => {
  const names = ANALYSES.map(({ name }) => name);

  test.each(names)("the analysis %s has its code, SQL, page and tests", (name) => {
    const files = [
      `src/analyses/${name}.ts`,
      `sql/features/${name}.sql`,
      `docs/analyses/${name}.md`,
      `tests/analyses/${name}.test.ts`,
    ];
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  test("what lies beside the analyses belongs to one of them", () => {
    const stems = filesIn("src/analyses").map((path) => path.replace(/^src\/analyses\/|\.ts$/g, ""));
    const loose = stems.filter(
      (stem) => stem !== "index" && !names.some((name) => stem === name || stem.startsWith(`${name}-`)),
    );
    expect(loose).toEqual([]);
  });

  test("analyses are named once each", () => {
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(filesIn("sql/functions"))("%s belongs to an engine", (path) => {
    const name = path.replace(/^sql\/functions\/|\.sql$/g, "");
    expect(existsSync(join(ROOT, `src/engines/${name}.ts`))).toBe(true);
  });
});

describe("names that stand in one place", () => {
  const mappings = filesIn("pipelines/mappings").filter((path) => path.endsWith(".yml"));
  const vendors = mappings.map((path) => (parse(textOf(path)) as { source: string }).source);
  const code = [...filesIn("src"), ...filesIn("sql").filter((path) => !path.startsWith("sql/functions/"))];

  const mentions = (names: readonly string[], files: readonly string[]) => {
    const pattern = new RegExp(`\\b(${names.join("|")})`, "i");
    return files.flatMap((path) =>
      textOf(path)
        .split("\n")
        .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
    );
  };

  test("a vendor's are in mappings only", () => {
    expect(vendors.length).toBeGreaterThan(2);
    expect(mentions(vendors, code)).toEqual([]);
  });

  test("a mapping is named for its vendor", () => {
    expect(mappings.map((path) => path.replace(/^.*\/|\.yml$/g, ""))).toEqual(vendors);
  });

  test("an engine's are in engines, its functions and where it is opened only", () => {
    const elsewhere = code.filter((path) => !isIn(path, "engines", "workshop"));
    expect(mentions(["duckdb", "clickhouse"], elsewhere)).toEqual([]);
  });
});

/** Where a kind of node is found, as `file:line`. */
function findAll(isFound: (node: ts.Node) => boolean): string[] {
  return MODULES.flatMap(({ path, file }) => {
    const places: string[] = [];
    const visit = (node: ts.Node): void => {
      if (isFound(node))
        places.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
      ts.forEachChild(node, visit);
    };
    visit(file);
    return places;
  });
}

describe("clock and chance come in as arguments", () => {
  test("no Date.now, no new Date() without a date", () => {
    const isClock = (node: ts.Node) =>
      (ts.isNewExpression(node) &&
        node.expression.getText() === "Date" &&
        (node.arguments?.length ?? 0) === 0) ||
      (ts.isCallExpression(node) && node.expression.getText() === "Date") ||
      (ts.isPropertyAccessExpression(node) && node.getText() === "Date.now");
    expect(findAll(isClock)).toEqual([]);
  });

  test("no Math.random and nothing like it", () => {
    const chance = /^(Math\.random|(crypto\.)?(randomUUID|randomBytes|randomInt|getRandomValues))$/;
    expect(
      findAll(
        (node) =>
          (ts.isPropertyAccessExpression(node) || ts.isIdentifier(node)) && chance.test(node.getText()),
      ),
    ).toEqual([]);
  });
});

test("every export says what it is", () => {
  const isExported = (node: ts.Node) =>
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const silent = MODULES.flatMap(({ path, file }) => {
    const exported = file.statements.filter(isExported).map((node) => ({
      names: namesOf(node),
      isDescribed: ts.getJSDocCommentsAndTags(node).length > 0,
    }));
    const described = new Set(
      exported.filter(({ isDescribed }) => isDescribed).flatMap(({ names }) => names),
    );
    return exported.flatMap(({ names }) =>
      names.filter((name) => !described.has(name)).map((name) => `${path} ${name}`),
    );
  });
  expect(silent).toEqual([]);
});

function namesOf(node: ts.Statement): string[] {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = node as ts.Statement & { name?: ts.Identifier };
  return name === undefined ? [] : [name.text];
}

describe("the tree", () => {
  const OURS = filesIn("");

  test("has no drawer for odds and ends", () => {
    const drawer = /(^|\/)(utils?|lib|core|common|services?|helpers?|misc|shared)(\/|\.\w+$)/;
    expect(OURS.filter((path) => drawer.test(path))).toEqual([]);
  });

  test("names files in kebab-case, SQL in snake_case", () => {
    const wrong = OURS.filter(
      (path) => /^(src|tests|fixtures\/generator|bench)\//.test(path) && path.endsWith(".ts"),
    )
      .map((path) => path.replace(/^.*\//, ""))
      .filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.test-d)?\.ts$/.test(name));
    expect(wrong).toEqual([]);
    expect(filesIn("sql").filter((path) => !/^sql\/[a-z]+\/[a-z][a-z0-9_]*\.sql$/.test(path))).toEqual([]);
  });

  test("names no package registry and no machine's path", () => {
    const registry = /https?:\/\/[^\s"'`]*(registry|npmjs|artifactory|nexus|verdaccio|pypi)/i;
    const machine = /(^|[\s"'`(=:])\/(home|root|work|Users|var\/folders)\/\w/m;
    const texts = OURS.filter((path) => /\.(ts|js|json|md|yml|yaml|sql|toml|sh|html)$|^\.|\/run$/.test(path));
    expect(texts.length).toBeGreaterThan(100);
    const telling = texts.filter((path) => registry.test(textOf(path)) || machine.test(textOf(path)));
    expect(telling).toEqual([]);
  });
});

describe("packages", () => {
  const scripts = [
    ...filesIn("src"),
    ...filesIn("tests"),
    ...filesIn("bench"),
    ...filesIn("fixtures"),
  ].filter(isScript);
  const configs = filesIn("").filter((path) => /^[\w.-]+\.(js|ts)$/.test(path));
  const isPackage = (to: string) => !to.startsWith("node:") && !/^(src|tests|fixtures|bench)\//.test(to);
  const imported = new Set(
    [...scripts, ...configs].flatMap((path) =>
      moduleAt(path)
        .imports.filter(({ to }) => isPackage(to))
        .map(({ to }) => packageOf(to)),
    ),
  );
  const commands = Object.values(PACKAGE.scripts)
    .join(" ")
    .replace(/\btsc\b/g, "typescript");

  test("are pinned to exact versions", () => {
    const versions = Object.entries({ ...PACKAGE.dependencies, ...PACKAGE.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  test("that the product depends on are imported by it", () => {
    const used = new Set(IMPORTS.map(({ to }) => packageOf(to)));
    const peers = new Set(["commander"]);
    expect(Object.keys(PACKAGE.dependencies).filter((name) => !used.has(name) && !peers.has(name))).toEqual(
      [],
    );
  });

  test("that development depends on are imported or run", () => {
    const isUsed = (name: string): boolean => {
      if (name === "@types/node") return true;
      if (name.startsWith("@types/")) return imported.has(name.slice("@types/".length));
      return imported.has(name) || new RegExp(`\\b${name}\\b`).test(commands);
    };
    expect(Object.keys(PACKAGE.devDependencies).filter((name) => !isUsed(name))).toEqual([]);
  });

  test("that are imported are declared, those of the product as its own", () => {
    const undeclared = IMPORTS.filter(
      ({ to }) => isPackage(to) && PACKAGE.dependencies[packageOf(to)] === undefined,
    );
    expect(arrows(undeclared)).toEqual([]);
    const known = { ...PACKAGE.dependencies, ...PACKAGE.devDependencies };
    expect([...imported].filter((name) => known[name] === undefined)).toEqual([]);
  });
});

describe("texts", () => {
  /** Every text by its path; a text with arguments is asked for with marks in their places. */
  const marked = (value: unknown, path: string): [string, string][] => {
    if (typeof value === "string") return [[path, value]];
    if (typeof value === "function")
      return [[path, (value as (...args: unknown[]) => string)(...marks(value.length))]];
    if (typeof value === "object" && value !== null)
      return Object.entries(value).flatMap(([key, inner]) => marked(inner, `${path}.${key}`));
    return [];
  };
  const marks = (count: number) => Array.from({ length: count }, (_, i) => mark(`<${i}>`));
  const mark = (name: string): unknown =>
    new Proxy(
      {},
      {
        get: (_, key) =>
          key === Symbol.toPrimitive || key === "toString" ? () => name : mark(`<${String(key)}>`),
      },
    );
  const gapsOf = (text: string) => [...new Set(text.match(/\{\w+\}|<\w+>/g))].sort();
  const english = new Map(marked(textsIn("en"), "texts"));

  test.each(LANGUAGES)("in %s have every key, none empty, with the gaps of the English ones", (language) => {
    const texts = new Map(marked(textsIn(language), "texts"));
    expect([...texts.keys()].sort()).toEqual([...english.keys()].sort());
    const gaps = (of: ReadonlyMap<string, string>) =>
      Object.fromEntries([...of].map(([path, text]) => [path, gapsOf(text)]));
    expect(gaps(texts)).toEqual(gaps(english));
    expect([...texts].filter(([, text]) => text.trim() === "").map(([path]) => path)).toEqual([]);
  });

  test("have gaps to look at", () => {
    expect([...english.values()].flatMap(gapsOf).length).toBeGreaterThan(10);
  });
});
