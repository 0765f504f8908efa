import { phrase } from "./phrase.js";
import type { Texts } from "./texts/index.js";
import { warnings } from "./texts/en-warnings.js";

const PATTERNS = Object.entries(warnings).map(
  ([name, template]) => [name as keyof typeof warnings, patternOf(template)] as const,
);

/** A template as what reads its gaps out of a sentence made from it. */
function patternOf(template: string): RegExp {
  const parts = template.split(/(\{\w+\})/).map((part) => {
    const gap = /^\{(\w+)\}$/.exec(part)?.[1];
    return gap === undefined ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) : `(?<${gap}>.*?)`;
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}

/** A warning, English as logs have it, as people read it; one that no language has words for stays as it is. */
export function warningWords(warning: string, texts: Pick<Texts, "warnings">): string {
  for (const [name, pattern] of PATTERNS) {
    const gaps = pattern.exec(warning)?.groups;
    if (gaps !== undefined) return phrase(texts.warnings[name], gaps);
  }
  return warning;
}
