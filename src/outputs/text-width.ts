import { eastAsianWidth } from "get-east-asian-width";

/** Widths of letters in the widest of the usual faces, in parts of the font size: too wide a guess leaves room, too narrow a one overflows. */
const LETTER_WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[iljtfrI.,:;'|!()[\] ·-]/, 0.38],
  [/[mwMW%@]/, 0.92],
  [/[A-Z≤≥<>=+×…–—]/, 0.76],
];
const OTHER_WIDTH = 0.61;

function letterWidth(letter: string): number {
  if (eastAsianWidth(letter.codePointAt(0)!) === 2) return 1;
  return LETTER_WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? OTHER_WIDTH;
}

/** About how wide a text is in a picture, in pixels: a Chinese character is a full square, a Latin one somewhat over half. */
export function textWidth(text: string, fontSize: number): number {
  return Array.from(text).reduce((width, letter) => width + fontSize * letterWidth(letter), 0);
}

/** A text cut so that it is no wider than this, with an ellipsis where something is missing. */
export function fitText(text: string, fontSize: number, width: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, fontSize) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

/** Behind spaces, and between Chinese characters, but never before their punctuation. */
const BREAKS = /(?<=\s)(?=\S)|(?<=[\p{Script=Han}，、；：])(?=[\p{Script=Han}\w])/u;
/** Those, and behind joints of names. */
const MORE_BREAKS = new RegExp(`${BREAKS.source}|(?<=[/_-])(?=\\S)`, "u");

/** A text on one line or two, neither wider than this, with an ellipsis where something is missing. */
export function fitLines(text: string, fontSize: number, width: number): string[] {
  if (textWidth(text, fontSize) <= width) return [text];
  const ways = [BREAKS, MORE_BREAKS].map((breaks) => {
    const pieces = text.split(breaks);
    const startOf = (count: number) => pieces.slice(0, count).join("").trimEnd();
    let count = 0;
    while (count < pieces.length && textWidth(startOf(count + 1), fontSize) <= width) count++;
    return [startOf(count), pieces.slice(count).join("")].filter((line) => line !== "");
  });
  const isWhole = (lines: string[]) => lines.every((line) => textWidth(line, fontSize) <= width);
  return (ways.find(isWhole) ?? ways[1]!).map((line) => fitText(line, fontSize, width));
}
