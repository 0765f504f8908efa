/** A text that cannot move the cursor or colour the terminal; line ends stay. */
export function harmless(text: string): string {
  return Array.from(text, (character) => (isControl(character) ? "\ufffd" : character)).join("");
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0)!;
  return (code < 0x20 && character !== "\n") || (code >= 0x7f && code <= 0x9f);
}

/** A line for people, on the standard error: the standard output is for results. */
export function tell(text: string): void {
  process.stderr.write(`${harmless(text)}\n`);
}
