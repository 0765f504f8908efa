import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CrmError } from "../../src/errors.js";
import { encodeGb18030 } from "../../fixtures/generator/gb18030.js";
import { convertToUtf8, guessEncoding, readHead } from "../../src/inputs/encoding.js";
import type { Encoding } from "../../src/inputs/encodings.js";
import { fileIn, temporaryFolder } from "../engines/warehouse.js";

async function converted(bytes: Uint8Array, encoding: Encoding): Promise<string> {
  const folder = temporaryFolder();
  const target = join(folder, "utf8.csv");
  await convertToUtf8(fileIn(folder, "a.csv", bytes), encoding, target);
  return readFileSync(target, "utf8");
}

async function refusal(bytes: Uint8Array, encoding: Encoding): Promise<{ message: string; path: string }> {
  const folder = temporaryFolder();
  const path = fileIn(folder, "a.csv", bytes);
  const error: unknown = await convertToUtf8(path, encoding, join(folder, "utf8.csv")).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CrmError);
  expect((error as CrmError).kind).toBe("data");
  expect((error as CrmError).hint).toContain("encoding");
  return { message: (error as CrmError).message, path };
}

const utf16 = (text: string) => Buffer.from(text, "utf16le");
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

describe("a file becomes UTF-8", () => {
  test.each([
    ["GB18030, two bytes a character", "bfcdbba70a", "gb18030", "客户\n"],
    ["GB18030, four bytes a character", "8130843695328236", "gb18030", "\u00a5\u{20000}"],
    ["Windows-1252", "80206a6f7572e9650a", "windows-1252", "€ jourée\n"],
  ] as const)("from %s", async (...[, hex, encoding, expected]) => {
    expect(await converted(Buffer.from(hex, "hex"), encoding)).toBe(expected);
  });

  test("UTF-16 with and without its byte-order mark, characters outside the BMP too", async () => {
    const text = "客户,金额\r\n张三😀,1\r\n";
    expect(await converted(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(text)]), "utf-16le")).toBe(text);
    expect(await converted(utf16(text), "utf-16le")).toBe(text);
  });

  test("characters are whole wherever the file is cut into pieces", async () => {
    const text = `k\n${"客".repeat(900_000)}\n`;
    expect(await converted(utf16(`x${text}`), "utf-16le")).toBe(`x${text}`);
    const gb18030 = Buffer.concat([
      Buffer.from("x"),
      ...Array.from({ length: 1000 }, () => Buffer.from("bfcd".repeat(1000), "hex")),
    ]);
    expect(await converted(gb18030, "gb18030")).toBe(`x${"客".repeat(1_000_000)}`);
  });
});

describe("the wrong encoding is refused, with file and line", () => {
  test.each([
    ["in the first line", bytes([0xff], "k\n1\n2\n"), 1],
    ["in the third line", bytes("k\n1\n", [0xff], "\n3\n"), 3],
    ["in the last line", bytes("k\n1\n2\n3", [0xff]), 4],
    ["in the third of lines that end in CRLF", bytes("k\r\n1\r\n", [0xff], "\r\n3\r\n"), 3],
    ["where the file is cut off within a character", bytes("k\n1\n", [0xbf]), 3],
    ["behind the first piece", bytes(`k\n${"x\n".repeat(700_000)}`, [0xff], "\n"), 700_002],
  ])("GB18030, %s", async (_, content, line) => {
    const { message, path } = await refusal(content, "gb18030");
    expect(message).toBe(`${path}:${line}: bytes that are not gb18030`);
  });

  test("UTF-8, in the second line", async () => {
    const { message, path } = await refusal(bytes("k\n", [0xbf, 0xcd], "\n客\n"), "utf-8");
    expect(message).toBe(`${path}:2: bytes that are not utf-8`);
  });

  test.each(["k\n1\n", "k\nlong line of text\nx", "k\n客\u0a0aĊ\nx"])(
    "UTF-16, half a pair behind %j",
    async (head) => {
      const content = Buffer.concat([utf16(head), Buffer.from([0x00, 0xd8]), utf16("y\n4\n")]);
      const { message, path } = await refusal(content, "utf-16le");
      expect(message).toBe(`${path}:3: bytes that are not utf-16le`);
    },
  );
});

describe("the encoding a file seems to be in", () => {
  test.each([
    ["UTF-8", Buffer.from("客户,金额\n"), "utf-8"],
    ["ASCII", Buffer.from("k,v\n"), "utf-8"],
    ["an empty file", Buffer.alloc(0), "utf-8"],
    ["UTF-8 with a byte-order mark", Buffer.from("\ufeffk\n"), "utf-8"],
    ["UTF-16 with a byte-order mark", Buffer.concat([Buffer.from([0xff, 0xfe]), utf16("k\n")]), "utf-16le"],
    ["GB18030", Buffer.from("bfcdbba72cbdf0b6ee0a", "hex"), "gb18030"],
    ["GB18030, where most characters stand alone", encodeGb18030("k,日期\n7,2025年03月18日\n"), "gb18030"],
    ["Windows-1252", bytes("k,v\nCaf", [0xe9], ",1\n"), "windows-1252"],
    [
      "Windows-1252, of many umlauts",
      Buffer.from("Größe;Stück\nMäßig groß;éèà née créée\n", "latin1"),
      "windows-1252",
    ],
  ])("%s", async (_, content, expected) => {
    expect(await guessEncoding(fileIn(temporaryFolder(), "a.csv", content))).toBe(expected);
  });

  test("a head that ends within a character is no fault", async () => {
    const text = `x${"客".repeat(100_000)}`;
    expect(await guessEncoding(fileIn(temporaryFolder(), "a.csv", text))).toBe("utf-8");
  });
});

test("the head of a file is no longer than asked for, nor than the file", async () => {
  const path = fileIn(temporaryFolder(), "a.csv", "abcdef");
  expect((await readHead(path, 3)).toString()).toBe("abc");
  expect((await readHead(path)).toString()).toBe("abcdef");
});
