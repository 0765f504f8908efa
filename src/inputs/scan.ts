import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { CrmError } from "../errors.js";

/** What one pass over a delimited file tells, without reading its cells. */
export interface FileScan {
  readonly sha256: string;
  readonly byteCount: number;
  /** Records below the header; blank lines are none. */
  readonly recordCount: number;
  /** False where some bytes are not UTF-8. */
  readonly isUtf8: boolean;
}

/** Where a record stands: its number among the records below the header, its first line and its bytes. */
export interface RecordPlace {
  readonly recordNumber: number;
  readonly lineNumber: number;
  /** One past its last byte, the line end included. */
  readonly endOffset: number;
  /** True when the file ends with it, without a line end. */
  readonly isLast: boolean;
}

/** How a file is split into records. */
export interface RecordLayout {
  readonly delimiter: string;
  /** Rows above the first record, blank lines too; a heading in quotes may hold line ends. */
  readonly skippedLines: number;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const CHUNK_BYTES = 1 << 20;

/**
 * Counts the records of a CSV file (RFC 4180 quotes) on its own, so that what the engine
 * staged and what it rejected can be held against an independent count.
 *
 * @throws CrmError `data` naming the line where a quote is left open or closed in mid-cell
 */
export async function scanCsv(path: string, layout: RecordLayout): Promise<FileScan> {
  const hash = createHash("sha256");
  const splitter = new RecordSplitter(path, layout);
  let [byteCount, isValid, rest] = [0, true, Buffer.alloc(0)];
  for await (const chunk of chunksOf(path)) {
    hash.update(chunk);
    byteCount += chunk.length;
    splitter.count(chunk);
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = wholeCharacters(bytes);
    isValid &&= isUtf8(bytes.subarray(0, end));
    rest = Buffer.from(bytes.subarray(end));
  }
  splitter.end();
  isValid &&= rest.length === 0;
  return { sha256: hash.digest("hex"), byteCount, recordCount: splitter.recordCount, isUtf8: isValid };
}

/** Where the last character that may be cut by the chunk's end begins. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0)
      return byte >= (back === 1 ? 0xc0 : back === 2 ? 0xe0 : 0xf0) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** The SHA-256 and the size of a file, as it lies on disk. */
export async function hashFile(path: string): Promise<Pick<FileScan, "sha256" | "byteCount">> {
  const hash = createHash("sha256");
  let byteCount = 0;
  for await (const chunk of chunksOf(path)) {
    hash.update(chunk);
    byteCount += chunk.length;
  }
  return { sha256: hash.digest("hex"), byteCount };
}

/** Calls `visit` with the place of every record below the header, in file order. */
export async function visitRecords(
  path: string,
  layout: RecordLayout,
  visit: (place: RecordPlace) => void,
): Promise<void> {
  const splitter = new RecordSplitter(path, layout, visit);
  for await (const chunk of chunksOf(path)) splitter.split(chunk);
  splitter.end();
}

async function* chunksOf(path: string): AsyncIterable<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Splits bytes into records; holds the place and the state of quotes between chunks. */
class RecordSplitter {
  recordCount = 0;
  readonly #path: string;
  readonly #delimiter: number;
  readonly #skippedLines: number;
  readonly #visit: ((place: RecordPlace) => void) | undefined;
  #offset = 0;
  #lineNumber = 1;
  #recordLine = 1;
  #rowCount = 0;
  #isBlank = true;
  #isCellStart = true;
  /** 0 outside quotes, 1 inside, 2 just behind a quote that closes or escapes. */
  #quoteState: 0 | 1 | 2 = 0;
  #quoteLine = 0;
  /** What stands before the line feeds: known from the first line end on. */
  #hasReturns: boolean | undefined;
  #isReturn = false;

  constructor(path: string, layout: RecordLayout, visit?: (place: RecordPlace) => void) {
    this.#path = path;
    this.#delimiter = layout.delimiter.charCodeAt(0);
    this.#skippedLines = layout.skippedLines;
    this.#visit = visit;
  }

  /** As `split`, but by line ends alone where a chunk has no quotes. */
  count(chunk: Buffer): void {
    if (this.#quoteState !== 0 || chunk.includes(QUOTE)) return this.split(chunk);
    const body = this.#splitHead(chunk);
    if (body.length > 0) this.#countLines(body);
  }

  /** Splits a chunk without quotes as far as lines above the first record reach; @returns the rest. */
  #splitHead(chunk: Buffer): Buffer {
    let start = 0;
    while (this.#rowCount < this.#skippedLines && start < chunk.length) {
      const lineFeed = chunk.indexOf(LINE_FEED, start);
      const end = lineFeed < 0 ? chunk.length : lineFeed + 1;
      this.split(chunk.subarray(start, end));
      start = end;
    }
    return chunk.subarray(start);
  }

  #countLines(chunk: Buffer): void {
    let start = 0;
    let carriageReturn = chunk.indexOf(CARRIAGE_RETURN);
    const holdReturn = (end: number) => {
      if (carriageReturn >= 0 && carriageReturn < end - 1) this.#refuseReturn();
      if (carriageReturn === end - 1) carriageReturn = chunk.indexOf(CARRIAGE_RETURN, end);
    };
    if (this.#isReturn && chunk[0] !== LINE_FEED) this.#refuseReturn();
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      holdReturn(end);
      const hasReturn = end > start ? chunk[end - 1] === CARRIAGE_RETURN : end === start && this.#isReturn;
      if (end - start - (hasReturn && end > start ? 1 : 0) > 0) this.#isBlank = false;
      this.#holdLineEnd(hasReturn);
      this.#isReturn = false;
      this.#endLine(this.#offset + end + 1);
      start = end + 1;
    }
    if (start < chunk.length) {
      holdReturn(chunk.length);
      this.#isBlank &&= chunk.length - start === 1 && chunk[start] === CARRIAGE_RETURN;
      this.#isCellStart = chunk[chunk.length - 1] === this.#delimiter;
      this.#isReturn = chunk[chunk.length - 1] === CARRIAGE_RETURN;
    }
    this.#offset += chunk.length;
  }

  split(chunk: Buffer): void {
    for (let i = 0; i < chunk.length; i++) this.#take(chunk[i]!, i);
    this.#offset += chunk.length;
  }

  #take(byte: number, index: number): void {
    if (this.#quoteState === 1) return this.#takeQuoted(byte);
    if (byte === LINE_FEED) {
      this.#holdLineEnd(this.#isReturn);
      this.#isReturn = false;
      return this.#endLine(this.#offset + index + 1);
    }
    if (this.#isReturn) this.#refuseReturn();
    this.#isReturn = byte === CARRIAGE_RETURN;
    if (byte === QUOTE) return this.#takeQuote();
    if (byte === this.#delimiter) {
      this.#quoteState = 0;
      this.#isCellStart = true;
      this.#isBlank = false;
    } else if (byte !== CARRIAGE_RETURN) {
      if (this.#quoteState === 2) this.#refuse("a quote ends before its cell does");
      this.#isCellStart = false;
      this.#isBlank = false;
    }
  }

  #takeQuoted(byte: number): void {
    if (byte === QUOTE) this.#quoteState = 2;
    else if (byte === LINE_FEED) this.#lineNumber += 1;
  }

  #takeQuote(): void {
    this.#isBlank = false;
    if (this.#quoteState === 2) this.#quoteState = 1;
    else if (this.#isCellStart) {
      this.#quoteState = 1;
      this.#quoteLine = this.#lineNumber;
    }
    this.#isCellStart = false;
  }

  /** A reader takes one kind of line end a file. */
  #holdLineEnd(hasReturn: boolean): void {
    this.#hasReturns ??= hasReturn;
    if (this.#hasReturns !== hasReturn)
      this.#refuse("this line ends otherwise than those above (CRLF and LF)", this.#lineNumber);
  }

  #endLine(endOffset: number, isLast = false): void {
    if (!this.#isBlank && this.#rowCount >= this.#skippedLines) {
      this.recordCount += 1;
      this.#visit?.({ recordNumber: this.recordCount, lineNumber: this.#recordLine, endOffset, isLast });
    }
    this.#rowCount += 1;
    this.#lineNumber += 1;
    this.#recordLine = this.#lineNumber;
    this.#isBlank = true;
    this.#isCellStart = true;
    this.#quoteState = 0;
  }

  end(): void {
    if (this.#quoteState === 1) this.#refuse("a quote is opened and never closed");
    if (!this.#isBlank) this.#endLine(this.#offset, true);
  }

  #refuseReturn(): never {
    this.#refuse("a carriage return stands inside a line", this.#lineNumber);
  }

  #refuse(what: string, lineNumber = this.#quoteLine): never {
    const isQuote = lineNumber === this.#quoteLine;
    throw new CrmError(
      "data",
      `${this.#path}:${lineNumber}: ${what}${isQuote ? ", so the rows after it cannot be told apart" : ""}`,
      {
        hint: isQuote
          ? 'close the quote, or write a quote inside a cell twice ("")'
          : "export the file anew, or give all its lines the same end",
      },
    );
  }
}
