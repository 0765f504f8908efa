import { eastAsianWidth } from "get-east-asian-width";

/** About how wide a text is in a picture, in pixels: a Chinese character is a full square, a Latin one somewhat over half. */
export function textWidth(text: string, fontSize: number): number {
  return Array.from(text).reduce(
    (width, character) => width + fontSize * (eastAsianWidth(character.codePointAt(0)!) === 2 ? 1 : 0.55),
    0,
  );
}

/** A text cut so that it is no wider than this, with an ellipsis where something is missing. */
export function fitText(text: string, fontSize: number, width: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, fontSize) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}
