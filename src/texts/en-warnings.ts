/** Warnings of a run and of a table, as logs and `run.json` have them. */
export const warnings = {
  noFile: "{path}: no such file; going on without it",
  noColumn: '{where}: no column "{heading}", so {column} stays empty',
  sameBytes: "{path}: the same bytes as {earlier}; not counted twice ({count} rows)",
  future: "{entity}: {count} rows dated after {date} are left out",
  doubtfulDate:
    "as of {date}, the latest order, though the one before is of {before}: is that date right? set --as-of",
  repeats: "{entity}: {count} rows repeat another in every column read; all are counted",
  split: "order_lines: {count} orders have lines in several files; do the files overlap?",
  breaks: '{relation}: {count} row breaks "{condition}": {which}',
  break: '{relation}: {count} rows break "{condition}": {which}',
  keyRepeats: "{file}: {count} rows repeat a {key}; each row counts as a customer",
  keyMissing: "{file}: {count} rows have no {key}; they are called by their row's number",
  cellsUnread:
    "{file}: {column}: {count} of its cells are no number and count as missing, the first in row {row} below the headings",
};
