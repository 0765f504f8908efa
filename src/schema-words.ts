import type { z } from "zod";

/**
 * What is wrong with a value that does not fit its schema: what was found and what is allowed, in plain words.
 * Undefined for problems that the schema has words of its own for.
 */
export function schemaWords(issue: z.core.$ZodRawIssue): string | undefined {
  const found = `found ${shownValue(issue.input)}`;
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "missing";
      return `write ${KINDS[issue.expected] ?? `a value of the kind ${issue.expected}`}, ${found}`;
    case "invalid_value":
      return `${found}, allowed: ${issue.values.join(", ")}`;
    case "too_small":
      return `${sizeOf(issue)} at least ${issue.minimum}, ${found}`;
    case "too_big":
      return `${sizeOf(issue)} at most ${issue.maximum}, ${found}`;
    default:
      return undefined;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "keys and values",
  record: "keys and values",
};

function sizeOf({ origin }: { readonly origin?: string }): string {
  return origin === "array" || origin === "string" ? "needs a length of" : "must be";
}

function shownValue(value: unknown): string {
  const text = typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  return text === undefined || text.length <= 60 ? String(text) : `${text.slice(0, 60)}…`;
}
