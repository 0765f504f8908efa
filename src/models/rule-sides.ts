/** Items that one side must hold, or must not. */
export interface SideSettings {
  /** One of these at least; none given: any. */
  readonly required?: readonly number[];
  readonly excluded?: readonly number[];
}

/** What the two sides of a rule must hold. */
export interface SideWishes {
  readonly antecedent?: SideSettings;
  readonly consequent?: SideSettings;
}

/** Tells whether items may make a side. */
export function sideTest({ required = [], excluded = [] }: SideSettings = {}) {
  const [asked, barred] = [new Set(required), new Set(excluded)];
  return (itemsOfSide: () => readonly number[]): boolean => {
    if (asked.size === 0 && barred.size === 0) return true;
    const items = itemsOfSide();
    const isAsked = asked.size === 0 || items.some((item) => asked.has(item));
    return isAsked && !items.some((item) => barred.has(item));
  };
}
