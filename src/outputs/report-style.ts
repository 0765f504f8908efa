const LIGHT = `  --paper: #fdfdfb; --panel: #f4f5f2; --ink: #1b2528; --muted: #5a676b; --rule: #d9dedb; --strong-rule: #1b2528;
  --accent: #125e73; --accent-bar: #2f7a90; --line-2: #a8470d; --line-3: #1b2528; --line-4: #8a6fb0; --warning: #8a4b08; --warning-panel: #fbf3e4; --empty: transparent; --shade: rgb(27 37 40 / 14%);
  --heat-1: #e6f0f2; --heat-2: #cee2e7; --heat-3: #afcfd8; --heat-4: #8bb9c6; --heat-5: #69a3b4; --heat-6: #2b748a; --heat-7: #0f5265;
  --heat-ink-1: #1b2528; --heat-ink-2: #1b2528; --heat-ink-3: #1b2528; --heat-ink-4: #10191c; --heat-ink-5: #0a1214; --heat-ink-6: #fff; --heat-ink-7: #fff;
  --below-1: #f8ebe1; --below-2: #f0d8c4; --below-3: #e6bf9f; --below-4: #d9a277; --below-5: #cb8a58; --below-6: #a4592a; --below-7: #78390f;
  --below-ink-1: #1b2528; --below-ink-2: #1b2528; --below-ink-3: #1b2528; --below-ink-4: #10191c; --below-ink-5: #0a1214; --below-ink-6: #fff; --below-ink-7: #fff;`;

const DARK = `    --paper: #121719; --panel: #1a2124; --ink: #e4e9e8; --muted: #9eabae; --rule: #2d373b; --strong-rule: #8b989b;
    --accent: #7cc4d6; --accent-bar: #4d93a7; --line-2: #f0a05a; --line-3: #e4e9e8; --line-4: #b9a3dc; --warning: #ecb873; --warning-panel: #2a2216; --shade: rgb(0 0 0 / 60%);
    --heat-1: #1a2a30; --heat-2: #1d3943; --heat-3: #204957; --heat-4: #255b6b; --heat-5: #2f7084; --heat-6: #6bb0c3; --heat-7: #a9dae6;
    --heat-ink-1: #e4e9e8; --heat-ink-2: #e4e9e8; --heat-ink-3: #eef3f3; --heat-ink-4: #fff; --heat-ink-5: #fff; --heat-ink-6: #0a1214; --heat-ink-7: #0a1214;
    --below-1: #2e2219; --below-2: #402c1c; --below-3: #553820; --below-4: #6b4525; --below-5: #87572d; --below-6: #d19a68; --below-7: #efc9a3;
    --below-ink-1: #e4e9e8; --below-ink-2: #e4e9e8; --below-ink-3: #eef3f3; --below-ink-4: #fff; --below-ink-5: #fff; --below-ink-6: #0a1214; --below-ink-7: #0a1214;`;

/** The page's colours as CSS variables, for a picture that stands on its own. */
export const PALETTES = { light: LIGHT, dark: DARK } as const;

/** The report page's style sheet: screen first, then narrow, dark and printed. One accent colour. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
${LIGHT}
}
@media screen and (prefers-color-scheme: dark) {
  :root {
${DARK}
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; max-width: 80rem; padding: clamp(1.5rem, 5vw, 4.5rem) clamp(1rem, 4vw, 2.5rem);
  background: var(--paper); color: var(--ink); line-height: 1.55; overflow-wrap: break-word;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", sans-serif;
}
:lang(zh) body { line-height: 1.75; line-break: strict; text-autospace: normal; }
h1, h2, h3, p, dl, dd, figure, ul, ol { margin: 0; padding: 0; }
h1 { font-size: clamp(1.9rem, 4.5vw, 2.75rem); font-weight: 700; line-height: 1.15; letter-spacing: -0.02em; text-wrap: balance; }
h2 { font-size: 1.5rem; font-weight: 700; line-height: 1.25; letter-spacing: -0.01em; }
h3 { font-size: 1rem; font-weight: 700; }
:lang(zh) :is(h1, h2) { letter-spacing: 0; line-height: 1.35; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.muted { color: var(--muted); }
.as-of { color: var(--muted); font-variant-numeric: tabular-nums; margin-bottom: 0.5rem; }
.alert { display: inline-block; margin-top: 1.25rem; padding: 0.4rem 0.8rem; border-left: 3px solid var(--warning); background: var(--warning-panel); }
.alert a { color: var(--warning); }
main > * { margin-top: clamp(2.75rem, 7vw, 4.5rem); }
.part { border-top: 1px solid var(--strong-rule); padding-top: 1.25rem; }
.part > * + * { margin-top: 2.25rem; }
.part > h2 + * { margin-top: 0.35rem; }
.part > .glance { margin-top: 1.1rem; }
.part > .answer { margin-top: 1rem; max-width: 46rem; font-size: 1.25rem; line-height: 1.5; text-wrap: pretty; }
:lang(zh) .part > .answer { line-height: 1.7; }
.question { color: var(--muted); max-width: 46rem; }
.glance { list-style: none; display: grid; gap: 1.1rem; max-width: 46rem; }
.glance a { font-weight: 700; text-decoration: none; }
.glance a:hover { text-decoration: underline; }
.headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 1.75rem 2rem; }
.headlines > div { border-top: 1px solid var(--rule); padding-top: 0.7rem; }
.headlines dt { color: var(--muted); font-size: 0.875rem; }
.headlines .figure { font-size: 1.625rem; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; letter-spacing: -0.015em; font-variant-numeric: tabular-nums; text-wrap: balance; }
.headlines .number { white-space: nowrap; }
.headlines .note { color: var(--muted); font-size: 0.8125rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 2.5rem 3rem; align-items: start; }
.title { margin-bottom: 0.75rem; }
.title p { color: var(--muted); font-size: 0.875rem; max-width: 44rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.chart { display: block; width: 100%; max-width: 31rem; height: auto; overflow: visible; font-variant-numeric: tabular-nums; }
.chart.tree { max-width: none; min-width: calc(0.85 * var(--own-width)); }
.chart.network { max-width: 38rem; min-width: 30rem; }
.chart.wide { max-width: 62rem; min-width: 44rem; }
figure:has(> .tree, > .network, > .wide) { grid-column: 1 / -1; overflow-x: auto; }
.scroll {
  position: relative; overflow-x: auto; max-width: 100%;
  /* A shade at an edge says that there is more behind it: the page-coloured covers scroll along, the shades stay. */
  background:
    linear-gradient(to right, var(--paper) 0.75rem, transparent) 0 0 / 2rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 0.75rem, transparent) 100% 0 / 2rem 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) 0 0 / 0.75rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shade), transparent) 100% 0 / 0.75rem 100% no-repeat scroll;
}
table { border-collapse: collapse; min-width: min(100%, 38rem); font-size: 0.9375rem; line-height: 1.45; }
th, td { padding: 0.5rem 0.6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); font-weight: 400; }
:is(th, td):first-child { padding-left: 0; }
:is(th, td):last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: 0.8125rem; font-weight: 600; vertical-align: bottom; word-break: keep-all; border-bottom-color: var(--strong-rule); }
tbody th { font-weight: 500; min-width: 7.5em; }
tfoot :is(th, td) { font-weight: 700; border-top: 1px solid var(--strong-rule); border-bottom: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .n { white-space: normal; }
.d { font-variant-numeric: tabular-nums; white-space: nowrap; }
.long { min-width: 17rem; }
td:not(.n, .d, .long) { min-width: 6em; }
td.reason:not(.long) { min-width: 9em; }
tbody tr:hover > * { background: var(--panel); }
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin-bottom: 0.75rem; }
.tools label { flex: 0 1 22rem; display: flex; align-items: center; gap: 0.6rem; font-size: 0.875rem; color: var(--muted); }
.tools input { flex: 1; min-width: 0; font: inherit; font-size: 1rem; color: var(--ink); background: var(--paper); border: 1px solid var(--muted); border-radius: 4px; padding: 0.4rem 0.65rem; }
.tools output { font-size: 0.875rem; color: var(--muted); font-variant-numeric: tabular-nums; }
[hidden] { display: none !important; }
[data-interactive] .scroll { max-height: 36rem; overflow-y: auto; border-bottom: 1px solid var(--rule); }
[data-interactive] table { width: 100%; border-collapse: separate; border-spacing: 0; }
[data-interactive] thead th { position: sticky; top: 0; z-index: 2; background: var(--paper); }
[data-interactive] :is(th, td):last-child { padding-right: 0.75rem; }
thead button { white-space: nowrap; font: inherit; color: inherit; text-align: inherit; background: none; border: 0; padding: 0.15rem 0; margin: 0; cursor: pointer; }
thead .n button { white-space: normal; }
thead button:hover { color: var(--accent); }
thead button::after { content: "\\2195"; content: "\\2195" / ""; display: inline-block; width: 1em; text-align: center; font-weight: 400; opacity: 0.55; }
[aria-sort="ascending"], [aria-sort="descending"] { color: var(--accent) !important; }
[aria-sort="ascending"] button::after { content: "\\2191"; content: "\\2191" / ""; opacity: 1; }
[aria-sort="descending"] button::after { content: "\\2193"; content: "\\2193" / ""; opacity: 1; }
.left-out { margin-top: 0.6rem; font-size: 0.875rem; color: var(--muted); }
.notes { border-left: 3px solid var(--accent); padding-left: 1.1rem; max-width: 46rem; font-size: 0.9375rem; }
.notes.warnings { border-color: var(--warning); }
.notes ul { list-style: none; margin-top: 0.4rem; display: grid; gap: 0.4rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--muted); font-size: 0.8125rem; }
@media (min-width: 70rem) {
  figure:has(> .network):not(:only-child) { grid-column: auto; }
  figure:only-child:has(> .network) { display: grid; grid-template-columns: minmax(0, 28rem) minmax(0, 38rem); gap: 3rem; align-items: start; }
  .headlines:has(> :nth-child(5):last-child) { grid-template-columns: repeat(5, 1fr); column-gap: 1.5rem; }
  .headlines:has(> :nth-child(6):last-child) { grid-template-columns: repeat(3, 1fr); }
}
@media (max-width: 40rem) {
  .headlines { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1.25rem; }
  .headlines .figure { font-size: 1.25rem; }
  .part > .answer { font-size: 1.125rem; }
  table { font-size: 0.875rem; }
  .n, .d { white-space: nowrap; }
  .chart.network { min-width: 0; }
  thead th { white-space: normal; min-width: 4.5em; }
  .long { min-width: 16rem; }
  .scroll :is(tbody, tfoot) th { min-width: 7rem; }
  .scroll tbody th, .scroll tfoot th, .scroll thead th:first-child { position: sticky; left: 0; z-index: 1; background: var(--paper); max-width: 9.5rem; padding-right: 0.75rem; }
  [data-interactive] thead th:first-child { z-index: 3; }
}
@supports (grid-template-columns: subgrid) {
  @media screen and (max-width: 30rem) {
    table.reasoned, .reasoned :is(thead, tbody, tr) { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; }
    table.reasoned { grid-template-columns: repeat(var(--columns), max-content); width: max-content; }
    .reasoned tr { grid-auto-flow: dense; border-bottom: 1px solid var(--rule); }
    .reasoned thead { position: sticky; top: 0; z-index: 3; background: var(--paper); }
    .reasoned thead tr { align-items: end; border-bottom-color: var(--strong-rule); }
    .reasoned tr > * { border-bottom: 0; }
    .reasoned tr > :is(th, td):not(.n, .d, .reason) { min-width: 5.5em; max-width: 9em; }
    .reasoned thead tr > * { position: static; }
    .reasoned thead .n { min-width: 6em; }
    .reasoned thead button { white-space: normal; }
    .reasoned tr > .reason { grid-column: 1 / -1; justify-self: start; position: sticky; left: 0; min-width: 0; max-width: none; width: calc(100vw - 3rem); padding: 0 0 0.5rem; color: var(--muted); }
    .reasoned tr > .reason:is(:empty, [data-value=""]) { display: none; }
  }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@page { size: A4; margin: 17mm 15mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; color: #5a676b; } }
@media print {
  :root { --paper: #fff; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main > * { margin-top: 2.25rem; }
  .part > * + * { margin-top: 1.5rem; }
  .tools label { display: none; }
  .scroll, [data-interactive] .scroll { overflow: visible; max-height: none; border: 0; background: none; }
  table { min-width: 0; max-width: 100%; font-size: 8.5pt; }
  [data-interactive] table { border-collapse: collapse; font-size: 8pt; }
  [data-interactive] thead th { position: static; }
  thead th { word-break: normal; }
  tbody th { min-width: 6.5em; }
  thead { display: table-header-group; break-inside: avoid; }
  tfoot { display: table-row-group; }
  /* Chromium does not paint a repeated heading that holds a button. */
  thead button { display: contents; }
  thead button::after { content: none !important; }
  th, td { padding: 0.3rem 0.45rem; }
  table.wide { font-size: 6.5pt; }
  .wide :is(th, td) { white-space: normal; overflow-wrap: anywhere; }
  .long { min-width: 30%; }
  .part > div:not([data-interactive]), tr, figure, .headlines > div, .notes li, .glance li { break-inside: avoid; }
  h1, h2, h3, figcaption, .title, .tools, .question { break-after: avoid; }
  .chart.tree { min-width: 0; }
  td.reason:not(.long) { min-width: 6em; }
  .charts { grid-template-columns: 1fr 1fr; gap: 1.5rem; }
  .charts > :only-child { max-width: 28rem; }
  a { color: inherit; text-decoration: none; }
}
`;
