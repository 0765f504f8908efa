/** Encodings that exports come in. */
export const ENCODINGS = ["utf-8", "utf-16le", "gb18030", "windows-1252"] as const;
/** One of them. */
export type Encoding = (typeof ENCODINGS)[number];
