import { phrase, type GapsOf } from "./phrase.js";
import { warnings as english } from "./texts/en-warnings.js";
import type { Texts } from "./texts/index.js";

type English = typeof english;

/** What people should see to: a code of `texts.warnings`, and what fills the gaps of its sentence. */
export type Warning = {
  [Code in keyof English]: {
    readonly code: Code;
    readonly gaps: Readonly<Record<GapsOf<English[Code]>, string | number>>;
  };
}[keyof English];

/** Takes a warning where it arises. */
export type Warn = (warning: Warning) => void;

/** A warning in the reader's language. */
export function warningWords({ code, gaps }: Warning, texts: Pick<Texts, "warnings">): string {
  return phrase(texts.warnings[code], gaps);
}

/** Warnings as files for programs have them: as English sentences, and each with its code and gaps. */
export function warningRecords(warnings: readonly Warning[]) {
  return {
    warnings: warnings.map((warning) => warningWords(warning, { warnings: english })),
    warning_details: warnings,
  };
}
