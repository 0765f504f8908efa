import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readHead } from "./encoding.js";

const WRAPPED = /^="([^"]*)"$/;

/** What stands in a cell such as `="00123"`, which shops export so that spreadsheets keep it as text; any other cell as it is. */
export const unwrapped = (cell: string) => WRAPPED.exec(cell)?.[1] ?? cell;

/** Whether the head of a UTF-8 file has cells such as `="00123"`. */
export async function hasWrappedCells(path: string, delimiter: string): Promise<boolean> {
  const head = await readHead(path);
  return head.includes('="') && wrappedIn(delimiter).test(head.toString("utf8"));
}

/** Writes a UTF-8 file anew, line for line, with what stands in its cells such as `="00123"`; bytes that are not UTF-8 become U+FFFD. */
export async function unwrapCells(path: string, delimiter: string, unwrappedPath: string): Promise<void> {
  await pipeline(Readable.from(unwrappedText(path, delimiter)), createWriteStream(unwrappedPath));
}

async function* unwrappedText(path: string, delimiter: string): AsyncIterable<string> {
  const wrapped = wrappedIn(delimiter);
  const unwrap = (text: string) =>
    text.replace(wrapped, (written) => {
      const cell = written.startsWith("=") ? written.slice(2, -1) : written.slice(4, -3);
      return cell.includes(delimiter) ? `"${cell}"` : cell;
    });
  let rest = "";
  for await (const chunk of createReadStream(path, {
    encoding: "utf8",
    highWaterMark: 1 << 20,
  }) as AsyncIterable<string>) {
    const end = chunk.lastIndexOf("\n") + 1;
    if (end > 0) yield unwrap(rest + chunk.slice(0, end));
    rest = end > 0 ? chunk.slice(end) : rest + chunk;
  }
  yield unwrap(rest);
}

/** Such cells of a line, as they stand or in quotes of their own. A quote inside a quoted cell is doubled, so that none is found in there but at its end, behind a delimiter and `=`. */
function wrappedIn(delimiter: string): RegExp {
  const mark = delimiter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(String.raw`(?<=^\ufeff?|${mark})(?:="[^"\r\n]*"|"=""[^"\r\n]*""")(?=${mark}|\r?$)`, "gm");
}
