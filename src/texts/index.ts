import { en } from "./en.js";
import { zh } from "./zh.js";

/** The languages a report, a list and the terminal speak. */
export const LANGUAGES = ["en", "zh"] as const;
/** One of them. */
export type Language = (typeof LANGUAGES)[number];

/** Every sentence and heading shown to a person; `zh` must have all that `en` has. */
export type Texts = typeof en;

const TEXTS: Readonly<Record<Language, Texts>> = { en, zh };

/** All texts in a language. */
export function textsIn(language: Language): Texts {
  return TEXTS[language];
}
