import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw } from "node:zlib";

/** Zip without ZIP64 records ends here, in bytes, for a part and for the whole. */
export const MOST_ZIP_BYTES = 0xffff_ffff;

const LOCAL_HEADER_BYTES = 30;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATE = 8;
/** 1 January 1980, the first day a zip can name: the same data must give the same bytes. */
const NO_DATE = 0x0021;

/** One part as the archive's directory lists it. */
interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly bytes: number;
  readonly packedBytes: number;
}

/** A zip archive being written: `add` parts one after another, then `finish`. */
export interface ZipWriter {
  /** Compresses a part while its chunks arrive, holding none of it. */
  add(name: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<void>;
  finish(): Promise<void>;
}

/**
 * A zip archive streamed to an open file. Each part's header is completed once its size is known,
 * so any reader can read the archive front to back.
 *
 * @throws Error when the archive passes 4 GiB.
 */
export function createZipWriter(file: FileHandle): ZipWriter {
  const entries: Entry[] = [];
  let position = 0;
  return {
    async add(name, chunks) {
      const entry = await writePart(file, { name: Buffer.from(name), offset: position }, chunks);
      entries.push(entry);
      position += LOCAL_HEADER_BYTES + entry.name.length + entry.packedBytes;
      if (position > MOST_ZIP_BYTES) throw new Error("zip: archive is larger than 4 GiB");
    },
    async finish() {
      const directory = Buffer.concat(entries.map(directoryRecord));
      await file.write(
        Buffer.concat([directory, endRecord(entries.length, directory.length, position)]),
        0,
        null,
        position,
      );
    },
  };
}

async function writePart(
  file: FileHandle,
  part: { name: Buffer; offset: number },
  chunks: AsyncIterable<string> | Iterable<string>,
): Promise<Entry> {
  const start = part.offset + LOCAL_HEADER_BYTES + part.name.length;
  let [crc, bytes, packedBytes] = [0, 0, 0];
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      const buffer = Buffer.from(chunk);
      crc = crc32(buffer, crc);
      bytes += buffer.length;
      yield buffer;
    }
  }
  await pipeline(
    Readable.from(measured()),
    createDeflateRaw({ level: 6 }),
    async (packed: AsyncIterable<Buffer>) => {
      for await (const buffer of packed) {
        await file.write(buffer, 0, buffer.length, start + packedBytes);
        packedBytes += buffer.length;
      }
    },
  );
  const entry = { ...part, crc, bytes, packedBytes };
  await file.write(localHeader(entry), 0, null, part.offset);
  return entry;
}

function localHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(LOCAL_HEADER_BYTES);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommonFields(header, 4, entry);
  return Buffer.concat([header, entry.name]);
}

function directoryRecord(entry: Entry): Buffer {
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(VERSION, 4);
  writeCommonFields(record, 6, entry);
  record.writeUInt32LE(entry.offset, 42);
  return Buffer.concat([record, entry.name]);
}

/** What a local header and a directory record both say, in the same order. */
function writeCommonFields(buffer: Buffer, at: number, entry: Entry): void {
  buffer.writeUInt16LE(VERSION, at);
  buffer.writeUInt16LE(UTF8_NAMES, at + 2);
  buffer.writeUInt16LE(DEFLATE, at + 4);
  buffer.writeUInt16LE(0, at + 6);
  buffer.writeUInt16LE(NO_DATE, at + 8);
  buffer.writeUInt32LE(entry.crc, at + 10);
  buffer.writeUInt32LE(entry.packedBytes, at + 14);
  buffer.writeUInt32LE(entry.bytes, at + 18);
  buffer.writeUInt16LE(entry.name.length, at + 22);
}

function endRecord(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(directoryBytes, 12);
  record.writeUInt32LE(directoryOffset, 16);
  return record;
}
