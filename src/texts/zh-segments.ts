import type { segments as english } from "./en-segments.js";

/** 谁与谁相似：中文。 */
export const segments: typeof english = {
  title: "客户细分",
  question: "哪些客户彼此相似？",
  sentences: "{before}{after}",
};
