import { ANALYSES } from "../analyses/index.js";
import type { Engine } from "../engines/engine.js";
import { ENTITIES, ENTITY_NAMES, type EntityName } from "../entities.js";
import { EXIT_CODES } from "../errors.js";
import { openLog } from "../log.js";
import { headingsOf } from "../mapping.js";
import { readPlan } from "../pipeline.js";
import type { FileCount, RejectCount } from "../report.js";
import { datedPlan, filesOverLimit, ordersOverLimit, STALE_AFTER_DAYS } from "../steps/gates.js";
import { ingest, type Input } from "../steps/ingest.js";
import { rejectCounts, stage } from "../steps/stage.js";
import { collect, days, onlyNumber, tableOf } from "../table.js";
import { heading, quietProgress, tableLines } from "../terminal.js";
import { openWorkshop } from "../workshop.js";
import { warningRecords, type Warning } from "../warning.js";

/** What `crm-analyze doctor` is asked for. */
export interface DoctorCommand {
  readonly pipeline: string;
  readonly asOfDate: string | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** What is known of one entity. */
interface EntityState {
  readonly entity: EntityName;
  readonly rows: number;
  readonly latestDate: string | null;
  /** Days from its latest row to the as-of date; null when nothing is dated. */
  readonly daysOld: number | null;
}

interface Answer {
  readonly question: string;
  readonly canAnswer: boolean;
  readonly why: string;
}

interface Findings {
  readonly asOfDate: string;
  readonly files: readonly FileCount[];
  readonly unusedColumns: Readonly<Record<string, readonly string[]>>;
  readonly rejects: readonly RejectCount[];
  /** Files with more rejected rows, and orders with more of nothing, than a run allows. */
  readonly stopping: readonly string[];
  readonly entities: readonly EntityState[];
  readonly questions: readonly Answer[];
  readonly warnings: readonly string[];
  readonly warning_details: readonly Warning[];
}

/**
 * Examines configuration, files, headings and cells without publishing anything.
 *
 * @returns 0, or 4 when a file has more rejects than the pipeline allows
 */
export async function doctorCommand(command: DoctorCommand): Promise<number> {
  const asked = readPlan(command.pipeline, { asOfDate: command.asOfDate });
  const log = openLog(quietProgress("en"));
  const workshop = await openWorkshop(asked, { kind: "none" }, command.signal);
  try {
    const { engine, temporaryDirectory } = workshop;
    const inputs = await ingest(asked.sources, { engine, temporaryDirectory, warn: log.warn });
    const files = await stage(engine, inputs, log);
    const plan = await datedPlan(engine, asked, log.warn);
    const entities = await entityStates(engine, inputs, plan.run.asOfDate);
    const over = await filesOverLimit(engine, files, plan.limits.rejected_share);
    const empty = await ordersOverLimit(engine, inputs, plan.limits.rejected_share);
    const findings: Findings = {
      asOfDate: plan.run.asOfDate,
      files,
      unusedColumns: unusedColumns(inputs),
      rejects: await rejectCounts(engine),
      stopping: [...over.map(({ words }) => words), ...(empty === undefined ? [] : [empty])],
      entities,
      questions: await answers(engine, entities),
      ...warningRecords(log.warnings),
    };
    process.stdout.write(
      `${command.isJson ? JSON.stringify(findings, null, 2) : findingLines(findings).join("\n")}\n`,
    );
    return findings.stopping.length > 0 ? EXIT_CODES.data : EXIT_CODES.ok;
  } finally {
    await workshop.close();
  }
}

/** Headings no mapping of the file reads; often a column that was renamed. */
function unusedColumns(inputs: readonly Input[]): Record<string, string[]> {
  const paths = [...new Set(inputs.map(({ path }) => path))];
  const unused = paths.map((path): [string, string[]] => {
    const sharing = inputs.filter((input) => input.path === path);
    const read = sharing.flatMap(({ mapping }) => [
      ...Object.values(mapping.columns).flatMap(headingsOf),
      mapping.skip_when_empty ?? [],
      ...Object.keys({ ...mapping.skip_when, ...mapping.return_when }),
      ...(mapping.fill_down === undefined ? [] : [mapping.fill_down.key, ...mapping.fill_down.columns]),
    ]);
    return [
      `${sharing[0]!.source}/${sharing[0]!.file}`,
      sharing[0]!.headings.filter((name) => !read.flat().includes(name)),
    ];
  });
  return Object.fromEntries(unused.filter(([, headings]) => headings.length > 0));
}

async function entityStates(
  engine: Engine,
  inputs: readonly Input[],
  asOfDate: string,
): Promise<EntityState[]> {
  const present = ENTITY_NAMES.filter((entity) => inputs.some(({ mapping }) => mapping.entity === entity));
  const states: EntityState[] = [];
  for (const entity of present) {
    const { datedBy } = ENTITIES[entity];
    const latest =
      datedBy === undefined
        ? "empty_date()"
        : `max(case when cast(${datedBy} as date) <= cast('${asOfDate}' as date) then cast(${datedBy} as date) end)`;
    const table = await collect(
      engine.read(`select count(*) as row_count, ${latest} as latest_date from staged.${entity}`),
    );
    const [latestDate] = days(table, "latest_date");
    const daysOld =
      latestDate == null ? null : Math.round((Date.parse(asOfDate) - Date.parse(latestDate)) / 86_400_000);
    states.push({ entity, rows: onlyNumber(table, "row_count"), latestDate: latestDate ?? null, daysOld });
  }
  return states;
}

/** Each analysis and list, whether the data is there for it, and what is missing. */
async function answers(engine: Engine, entities: readonly EntityState[]): Promise<Answer[]> {
  const has = (entity: EntityName) => entities.some((state) => state.entity === entity && state.rows > 0);
  const analyses = ANALYSES.map(({ name, question, needs }) => {
    const missing = needs.filter((group) => !group.some(has)).map((group) => group.join(" or "));
    return {
      question: `${name}: ${question}`,
      canAnswer: missing.length === 0,
      why: missing.length === 0 ? "" : `needs ${missing.join(", ")}`,
    };
  });
  const cost = await collect(engine.read(KNOWN_COST));
  const share = onlyNumber(cost, "known_share");
  return [
    ...analyses,
    {
      question: "rfm with money: margin",
      canAnswer: share > 0,
      why: Number.isNaN(share)
        ? "needs order lines with products that have a cost"
        : `the cost of ${(share * 100).toFixed(1)} % of the lines is known`,
    },
    {
      question: "list slipping: whom to call, with permission",
      canAnswer: has("consents"),
      why: has("consents") ? "" : "needs consents; without them everyone is withheld",
    },
    {
      question: "one customer out of several systems",
      canAnswer: has("customers") || has("contacts"),
      why:
        has("customers") || has("contacts") ? "" : "needs customers or contacts with e-mail, phone or tax id",
    },
  ];
}

const KNOWN_COST = `
select ratio(count(coalesce(order_lines.line_cost, products.unit_cost)), count(*)) as known_share
from staged.order_lines as order_lines
left join staged.products as products
    on order_lines.source = products.source
    and order_lines.product_key = products.product_key`;

function findingLines(findings: Findings): string[] {
  const { files, rejects, entities, questions, unusedColumns: unused } = findings;
  const stale = entities.filter(({ daysOld }) => daysOld !== null && daysOld > STALE_AFTER_DAYS);
  return [
    heading(`Files, as of ${findings.asOfDate}`),
    ...fileLines(files),
    ...section(
      "Rejected rows",
      rejects.map(
        ({ file, column, reason, rows }) =>
          `${file} ${column}: ${reason}, ${rows} ${rows === 1 ? "row" : "rows"}`,
      ),
    ),
    ...section("A run stops, until these are corrected", findings.stopping),
    ...section(
      "Columns no mapping reads",
      Object.entries(unused).map(([file, headings]) => `${file}: ${headings.join(", ")}`),
    ),
    ...section(
      "Stale",
      stale.map(
        ({ entity, latestDate, daysOld }) =>
          `${entity}: nothing after ${latestDate}, ${daysOld} days before the as-of date`,
      ),
    ),
    "",
    heading("Questions this data can answer"),
    ...questions.map(
      ({ question, canAnswer, why }) =>
        `${canAnswer ? "yes" : "no "}  ${question}${why === "" ? "" : ` (${why})`}`,
    ),
  ];
}

const section = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : ["", heading(title), ...lines];

function fileLines(files: readonly FileCount[]): string[] {
  const count = (name: keyof FileCount) => Float64Array.from(files, (file) => Number(file[name]));
  return tableLines(
    {
      rows: tableOf({
        file: files.map(({ source, file }) => `${source}/${file}`),
        entity: files.map(({ entity }) => entity),
        rowsIn: count("rowsIn"),
        rowsStaged: count("rowsStaged"),
        rowsSkipped: count("rowsSkipped"),
        rowsRejected: count("rowsRejected"),
      }),
      columns: [
        { name: "file", title: "file", format: "text" },
        { name: "entity", title: "entity", format: "text" },
        { name: "rowsIn", title: "rows in", format: "integer" },
        { name: "rowsStaged", title: "used", format: "integer" },
        { name: "rowsSkipped", title: "left out", format: "integer" },
        { name: "rowsRejected", title: "rejected", format: "integer" },
      ],
    },
    { language: "en", currency: "" },
  );
}
