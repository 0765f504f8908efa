/** Long work in stretches, with a pause behind each, and what comes of it. */
export type Stretches<Result> = Generator<undefined, Result>;

/** Does all stretches without a pause. */
export function inOneGo<Result>(stretches: Stretches<Result>): Result {
  for (;;) {
    const { done, value } = stretches.next();
    if (done === true) return value;
  }
}

/** Does all stretches, and rests in every pause. */
export async function withRests<Result>(
  stretches: Stretches<Result>,
  rest: () => Promise<void>,
): Promise<Result> {
  for (;;) {
    const { done, value } = stretches.next();
    if (done === true) return value;
    await rest();
  }
}
