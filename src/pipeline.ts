import { dirname, resolve } from "node:path";
import { z } from "zod";
import { ANALYSES } from "./analyses/index.js";
import type { RunSettings } from "./analysis.js";
import { isCurrency } from "./currencies.js";
import { CrmError, problemsError } from "./errors.js";
import { readMapping, type Mapping } from "./mapping.js";
import { BARE_SOURCE } from "./report.js";
import type { Source } from "./steps/ingest.js";
import type { FoundKinds } from "./steps/row-kinds.js";
import { LANGUAGES } from "./texts/index.js";
import { schemaWords } from "./schema-words.js";
import { readYaml } from "./yaml.js";

/** The as-of date is the date of the latest order. */
export const LATEST = "latest";

const GENERIC_VALUES = [
  "info",
  "sales",
  "office",
  "contact",
  "hello",
  "service",
  "support",
  "admin",
  "mail",
  "post",
  "none",
  "noreply",
  "no-reply",
  "none@none.com",
  "test@test.com",
];

const SourceEntry = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "use lower-case letters, digits and _")
    .optional(),
  mapping: z.string().describe("the mapping's path, from the pipeline's folder"),
  folder: z.string().describe("where the export lies, from the pipeline's folder"),
});

const Identity = z.strictObject({
  calling_code: z
    .string()
    .regex(/^\d{1,3}$/, 'write the country\'s code in digits, such as "86"')
    .default("86"),
  max_records_per_key: z
    .int()
    .min(2)
    .default(20)
    .describe("a value that more records share ties nobody together"),
  generic_values: z
    .array(z.string())
    .default([])
    .describe("e-mails, names before the @ and phone digits that nobody owns"),
});

const Limits = z.strictObject({
  rejected_share: z.number().min(0).max(1).default(0.05).describe("of any file; more rejects stop the run"),
  memory: z
    .string()
    .regex(/^\d+(\.\d+)?[MG]B$/, "write an amount such as 1GB")
    .default("1GB"),
});
/** What a run of bare files may take. */
export const DEFAULT_LIMITS = Limits.parse({});

const Pipeline = z.strictObject({
  name: z.string().regex(/^[\w-]+$/, "use letters, digits, - and _"),
  as_of_date: z
    .string()
    .refine((text) => text === LATEST || z.iso.date().safeParse(text).success, {
      error: "write a date that exists, as YYYY-MM-DD, or latest",
    })
    .optional(),
  currency: z.string().refine(isCurrency, "write the three capitals of a currency, such as EUR").optional(),
  language: z.enum(LANGUAGES).default("en"),
  seed: z.int().default(1),
  output: z.string().default("out"),
  mask_names: z
    .boolean()
    .default(true)
    .describe("names of persons in the report show their first letters only"),
  sources: z.array(SourceEntry).min(1),
  identity: Identity.prefault({}),
  limits: Limits.prefault({}),
  analyses: z
    .strictObject(
      Object.fromEntries(
        ANALYSES.map(({ name, config }) => [name, z.preprocess((value) => value ?? {}, config).optional()]),
      ),
    )
    .refine((analyses) => Object.keys(analyses).length > 0, {
      error: "name one analysis at least, such as rfm:",
    }),
});
type Pipeline = z.output<typeof Pipeline>;

/** Everything a run depends on, with nothing left to default. */
export interface Plan {
  readonly name: string;
  /** `asOfDate` may be `latest` until the orders are staged. */
  readonly run: Omit<RunSettings, "previousDate">;
  readonly sources: readonly Source[];
  /** The configuration of each analysis that runs, by name. */
  readonly analyses: Readonly<Record<string, unknown>>;
  /** That of every analysis of the pipeline, run or not: others may rest on its settings. */
  readonly configured?: Readonly<Record<string, unknown>>;
  readonly identity: z.output<typeof Identity>;
  readonly limits: z.output<typeof Limits>;
  readonly masksNames: boolean;
  /** The folder that holds one folder a run. */
  readonly output: string;
  /** What rows of bare files were found to be. */
  readonly found?: FoundKinds;
}

/** What the command line may set over the pipeline file. */
export interface Overrides {
  readonly asOfDate?: string | undefined;
  readonly language?: RunSettings["language"] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly output?: string | undefined;
  /** Settings of analyses, by analysis. */
  readonly analyses?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * The plan that a pipeline file and the command line make together.
 *
 * @throws CrmError `configuration` with every mistake of the pipeline and its mappings at once
 */
export function readPlan(path: string, overrides: Overrides): Plan {
  const pipeline = readYaml(path, Pipeline);
  const asOfDate = overrides.asOfDate ?? pipeline.as_of_date;
  if (asOfDate === undefined) {
    throw new CrmError("configuration", `${path}: no as_of_date`, {
      hint: "add as_of_date: YYYY-MM-DD, or pass --as-of YYYY-MM-DD; a run never asks the clock",
    });
  }
  const directory = dirname(resolve(path));
  const sources = readSources(path, pipeline.sources);
  return {
    name: pipeline.name,
    run: {
      asOfDate,
      currency: pipeline.currency ?? null,
      language: overrides.language ?? pipeline.language,
      seed: pipeline.seed,
      directory,
      hasConsents: sources.some(({ mapping }) =>
        Object.values(mapping.files).some(({ entity }) => entity === "consents"),
      ),
    },
    sources,
    analyses: chooseAnalyses(pipeline.analyses, overrides),
    configured: pipeline.analyses,
    identity: {
      ...pipeline.identity,
      generic_values: [...GENERIC_VALUES, ...pipeline.identity.generic_values],
    },
    limits: pipeline.limits,
    masksNames: pipeline.mask_names,
    output: overrides.output ?? resolve(directory, pipeline.output),
  };
}

/** Bare files and how to read them, in place of a pipeline. */
export interface BareFiles {
  readonly name: string;
  readonly directory: string;
  readonly files: Mapping["files"];
  readonly found?: FoundKinds;
}

/** The plan for bare files: one source, no identity to find, as of the latest order unless told otherwise. */
export function barePlan(
  { name, directory, files, found }: BareFiles,
  {
    asOfDate = LATEST,
    language = "en",
    currency,
    analyses,
  }: Overrides & { readonly currency?: string | undefined },
): Plan {
  return {
    name,
    run: {
      asOfDate,
      currency: currency ?? null,
      language,
      seed: 1,
      directory: process.cwd(),
      hasConsents: false,
    },
    sources: [{ name: BARE_SOURCE, directory, mapping: { source: BARE_SOURCE, description: "", files } }],
    analyses: Object.fromEntries(
      Object.entries(analyses ?? {}).map(([key, settings]) => [key, parseConfig(key, settings)]),
    ),
    identity: { ...Identity.parse({}), generic_values: GENERIC_VALUES },
    limits: DEFAULT_LIMITS,
    masksNames: true,
    output: "",
    ...(found === undefined ? {} : { found }),
  };
}

function readSources(path: string, entries: Pipeline["sources"]): Source[] {
  const problems: string[] = [];
  const sources = entries.flatMap(({ name, mapping: file, folder }) => {
    try {
      const mapping = readMapping(resolve(dirname(path), file));
      return [{ name: name ?? mapping.source, directory: resolve(dirname(path), folder), mapping }];
    } catch (error) {
      if (!(error instanceof CrmError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  const repeated = sources.find(({ name }, i) => sources.findIndex((other) => other.name === name) < i);
  if (repeated !== undefined)
    problems.push(`${path} sources: two are named ${repeated.name}; give each its own name`);
  if (problems.length > 0) throw problemsError("configuration", problems);
  return sources;
}

function chooseAnalyses(
  configured: Pipeline["analyses"],
  { only, analyses = {} }: Overrides,
): Record<string, unknown> {
  const known = ANALYSES.map(({ name }) => name);
  const unknown = (only ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new CrmError(
      "usage",
      `--only: unknown analysis ${unknown.join(", ")}; there are ${known.join(", ")}`,
    );
  }
  const chosen = ANALYSES.filter(({ name }) =>
    only === undefined ? configured[name] !== undefined : only.includes(name),
  );
  return Object.fromEntries(
    chosen.map(({ name }) => [
      name,
      parseConfig(name, { ...(configured[name] as object | undefined), ...analyses[name] }),
    ]),
  );
}

/**
 * An analysis's configuration from flags over defaults.
 *
 * @throws CrmError `usage` naming each setting that is wrong
 */
export function parseConfig(name: string, settings: Readonly<Record<string, unknown>>): unknown {
  const analysis = ANALYSES.find((candidate) => candidate.name === name)!;
  const parsed = analysis.config.safeParse(settings, { error: schemaWords });
  if (parsed.success) return parsed.data;
  throw problemsError(
    "usage",
    parsed.error.issues.map((issue) => `${name} ${issue.path.join(".")}: ${issue.message}`),
  );
}
