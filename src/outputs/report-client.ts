/**
 * The report page's own script: sorts and searches the interactive tables. Plain JavaScript, kept
 * as text because the page carries it inline and names its hash in the content security policy.
 *
 * A cell sorts by its `data-value` (a number; empty means no value and sorts last either way),
 * or by its text in the page's language.
 */
export const REPORT_CLIENT = String.raw`"use strict";
(() => {
  const language = document.documentElement.lang;
  const collator = new Intl.Collator(language, { numeric: true });
  const count = new Intl.NumberFormat(language);

  const keyOf = (cell) => {
    const value = cell.dataset.value;
    if (value === undefined) return cell.textContent;
    return value === "" ? null : Number(value);
  };

  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));

  /* Stable: rows with equal keys keep the order in which the report ranked them. */
  const sortRows = (rows, column, direction) =>
    rows
      .map((row, rank) => ({ row, rank, key: keyOf(row.cells[column]) }))
      .sort((a, b) => {
        if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.rank - b.rank;
        return direction * compare(a.key, b.key) || a.rank - b.rank;
      })
      .map((entry) => entry.row);

  const fold = (text) => text.normalize("NFKC").toLocaleLowerCase(language);
  const wordsOf = (row) => fold(Array.from(row.cells, (cell) => cell.textContent).join("\n"));

  const makeInteractive = (box) => {
    const body = box.querySelector("tbody");
    const headings = Array.from(box.querySelectorAll("thead th"));
    const rows = Array.from(body.rows);
    const texts = rows.map(wordsOf);
    const search = box.querySelector("input");
    const shown = box.querySelector("output");

    const sortBy = (column) => {
      const heading = headings[column];
      const first = heading.classList.contains("n") ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = heading.getAttribute("aria-sort") === first ? other : first;
      for (const each of headings) each.setAttribute("aria-sort", each === heading ? order : "none");
      body.append(...sortRows(rows, column, order === "ascending" ? 1 : -1));
    };

    const filter = () => {
      const wanted = fold(search.value).split(/\s+/).filter(Boolean);
      let found = 0;
      rows.forEach((row, index) => {
        const isFound = wanted.every((word) => texts[index].includes(word));
        row.hidden = !isFound;
        if (isFound) found += 1;
      });
      shown.textContent = shown.dataset.template.replace("{shown}", count.format(found)).replace("{total}", count.format(rows.length));
    };

    headings.forEach((heading, column) => heading.querySelector("button").addEventListener("click", () => sortBy(column)));
    search.addEventListener("input", filter);
    box.querySelector(".tools").hidden = false;
  };

  document.querySelectorAll("[data-interactive]").forEach(makeInteractive);
})();
`;
