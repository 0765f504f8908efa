import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CrmError } from "../errors.js";
import type { Encoding } from "./encodings.js";

/**
 * Writes a text file anew in UTF-8; engines read no GB18030 and no Windows-1252.
 *
 * @throws CrmError `data` naming the line that is not in that encoding
 */
export async function convertToUtf8(path: string, encoding: Encoding, utf8Path: string): Promise<void> {
  await pipeline(Readable.from(decoded(path, encoding)), createWriteStream(utf8Path));
}

/** Writes a UTF-8 file anew with U+FFFD for every byte that is none, so that the rows that hold them can be told. */
export async function markBadBytes(path: string, utf8Path: string): Promise<void> {
  await pipeline(createReadStream(path, { encoding: "utf8" }), createWriteStream(utf8Path));
}

async function* decoded(path: string, encoding: Encoding): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let lineNumber = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const text = attempt(() => decoder.decode(chunk, { stream: true }));
    if (text === undefined) throw undecodable(path, encoding, lineNumber + badLine(chunk, encoding));
    lineNumber += countLineFeeds(text);
    yield text;
  }
  if (attempt(() => decoder.decode()) === undefined) throw undecodable(path, encoding, lineNumber);
}

/** What an action gives; undefined where it throws. */
export function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** Line ends above the first byte of the chunk that cannot be decoded. */
function badLine(chunk: Buffer, encoding: Encoding): number {
  const text = new TextDecoder(encoding).decode(chunk, { stream: true });
  return countLineFeeds(text.slice(0, Math.max(0, text.indexOf("\ufffd"))));
}

const countLineFeeds = (text: string) => text.split("\n").length - 1;

function undecodable(path: string, encoding: Encoding, lineNumber: number): CrmError {
  return new CrmError("data", `${path}:${lineNumber}: bytes that are not ${encoding}`, {
    hint: "name the file's true encoding in the mapping: encoding: utf-8 | utf-16le | gb18030 | windows-1252",
  });
}

const HEAD_BYTES = 1 << 18;

/** The encoding a file seems to be in: by its byte-order mark, else the first of UTF-8, GB18030, Windows-1252 that fits its head. */
export async function guessEncoding(path: string): Promise<Encoding> {
  const head = await readHead(path);
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  const decode = (encoding: Encoding) =>
    attempt(() => new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true }));
  if (decode("utf-8") !== undefined) return "utf-8";
  const chinese = decode("gb18030");
  return chinese !== undefined && isChinese(chinese) ? "gb18030" : "windows-1252";
}

/** Chinese characters stand together, but for those of days and measures; a lone one among Latin letters is an umlaut read wrongly. */
function isChinese(text: string): boolean {
  const all = text.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  const fitting = text.match(/[^\p{ASCII}]{2,}|[年月日时分秒元号件个]/gu) ?? [];
  return fitting.join("").length >= 0.5 * all;
}

/** The first bytes of a file. */
export async function readHead(path: string, byteCount = HEAD_BYTES): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(byteCount), 0, byteCount, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Parts of what lies behind some first bytes of a file, evenly spread to its end. */
export async function readParts(
  path: string,
  from: number,
  { partCount, byteCount }: { readonly partCount: number; readonly byteCount: number },
): Promise<Buffer[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const last = Math.max(from, size - byteCount);
    const parts: Buffer[] = [];
    for (let part = 0; part < partCount && from < size; part++) {
      const at = Math.round(from + ((last - from) * (part + 1)) / partCount);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(byteCount), 0, byteCount, at);
      parts.push(buffer.subarray(0, bytesRead));
    }
    return parts;
  } finally {
    await file.close();
  }
}
