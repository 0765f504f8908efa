import { readFileSync } from "node:fs";
import { LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { CrmError, problemsError } from "./errors.js";
import { schemaWords } from "./schema-words.js";

/**
 * The value of a YAML file that fits the schema, defaults filled in.
 *
 * @throws CrmError `configuration` naming every problem at once, each as `file:line key: what`
 */
export function readYaml<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors.map(
    (error) => `${path}:${lines.linePos(error.pos[0]).line} ${error.message}`,
  );
  if (syntax.length > 0) throw problemsError("configuration", syntax);
  const parsed = schema.safeParse(document.toJS() ?? {}, { error: schemaWords });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue as z.core.$ZodIssue));
  const described = problems.map(({ keys, what }) => ({ line: lineOf(document, lines, keys), keys, what }));
  described.sort((a, b) => a.line - b.line);
  throw problemsError(
    "configuration",
    described.map(({ line, keys, what }) => `${path}:${line} ${keys.join(".") || "(top)"}: ${what}`),
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const what = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder, not a file" : code;
    throw new CrmError("configuration", `${path}: ${what}`, { cause });
  }
}

type Key = string | number;
interface Problem {
  readonly keys: readonly Key[];
  readonly what: string;
}

/** An unknown key is told of at the key itself; a value that fits no alternative, by the deepest of them. */
function problemsOf(issue: z.core.$ZodIssue, parents: readonly Key[] = []): Problem[] {
  const keys = [...parents, ...(issue.path as Key[])];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ keys: [...keys, key], what: "unknown key" }));
  }
  if (issue.code === "invalid_key")
    return issue.issues.map((inner) => ({ keys, what: lowerFirst(inner.message) }));
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const deepest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]!;
    if (depthOf(deepest) > 0) return deepest.flatMap((inner) => problemsOf(inner, keys));
  }
  return [{ keys, what: lowerFirst(issue.message) }];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(
    0,
    ...issues.map((issue) => issue.path.length + (issue.code === "unrecognized_keys" ? 1 : 0)),
  );
}

/** The line of the key, or of the nearest parent that is written down. */
function lineOf(document: Document, lines: LineCounter, keys: readonly Key[]): number {
  for (let length = keys.length; length > 0; length--) {
    const node = document.getIn(keys.slice(0, length), true) as { range?: [number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
