/** English texts about segments: who is alike. */
export const segments = {
  title: "Segments",
  question: "Who is alike?",
  /** Two sentences of the answer. */
  sentences: "{before} {after}",
};
