import type { RelationName } from "./relation.js";
import type { Table } from "./table.js";

/**
 * How a value is shown: money in the pipeline currency, shares 0–1 as percent,
 * likelihoods 0–1 as percent that is never none or all, dates as `YYYY-MM-DD`; `text` is never interpreted.
 */
export type Format = "text" | "integer" | "decimal" | "money" | "percent" | "likelihood" | "date";

/** One column of a table to show: its name in the data, its heading, how to print it. */
export interface ShownColumn {
  readonly name: string;
  readonly title: string;
  readonly format: Format;
  /** `wide` text is left out where space is short, `short` text where there is room for the wide one it stands for. */
  readonly width?: "wide" | "short";
  /** In a published table: the column that says the same in the reader's words, which XLSX shows in its place. */
  readonly labelName?: string;
}

/** A table of a section. `rows` holds at least the columns named in `columns`. */
export interface ShownTable {
  readonly name: string;
  readonly title: string;
  /** One sentence on how to read it. */
  readonly caption?: string;
  readonly columns: readonly ShownColumn[];
  readonly rows: Table;
  /** True for a list of customers that readers sort and search. */
  readonly isInteractive?: boolean;
  /** True for what goes deeper than a terminal should: the report alone shows it. */
  readonly isDetail?: boolean;
}

/** A number a manager looks for first. */
export interface Headline {
  readonly label: string;
  readonly value: number | string;
  readonly format: Format;
  /** What stands small below it. */
  readonly note?: string;
}

/** Two ordinal axes and a value in each cell; cells without a row stay empty. */
export interface HeatMap {
  readonly kind: "heat-map";
  readonly title: string;
  readonly caption?: string;
  readonly rows: Table;
  readonly x: ShownColumn;
  readonly y: ShownColumn;
  readonly value: ShownColumn;
  /** Printed in the cell beside the value, e.g. money beside a count. */
  readonly detail?: ShownColumn;
}

/** One horizontal bar a row, in the order of the rows. */
export interface Bars {
  readonly kind: "bars";
  readonly title: string;
  readonly caption?: string;
  readonly rows: Table;
  readonly label: ShownColumn;
  readonly value: ShownColumn;
}

/** One or more lines over a number axis: cumulative shares, survival, calibration. Rows are joined in their order. */
export interface Curve {
  readonly kind: "curve";
  readonly title: string;
  readonly caption?: string;
  readonly rows: Table;
  readonly x: ShownColumn;
  readonly y: ShownColumn;
  /** Names the line a row belongs to, at most four; without it all rows are one line. */
  readonly line?: ShownColumn;
  /** True to draw y = x for comparison. */
  readonly hasDiagonal?: boolean;
}

/** A decision tree as branches: as thick as the customers on them are many, coloured by their risk. */
export interface TreePicture {
  readonly kind: "tree";
  readonly title: string;
  readonly caption?: string;
  /** The root first, every node behind its parent. */
  readonly nodes: readonly TreePictureNode[];
  /** Headings of what stands beside each leaf; without one for money no money is shown. */
  readonly headings: {
    readonly leaf: string;
    readonly count: string;
    readonly risk: string;
    readonly money?: string;
    /** Of what a leaf stands for. */
    readonly outcome?: string;
  };
}

/** One node of a tree to show. */
export interface TreePictureNode {
  /** Place of the parent in the nodes; -1 for the root. */
  readonly parent: number;
  /** What is asked on the way here and the answer that leads here, such as `tenure` and `≤ 16.5`; the root has a name and no answer. */
  readonly question: string;
  readonly answer: string;
  readonly count: number;
  /** Share of them that leaves, 0–1. */
  readonly risk: number;
  /** Money beside it; NaN when it is not known. */
  readonly money: number;
  /** The number by which rules and lists call a leaf; not given for a node with children. */
  readonly leaf?: number;
  /** What a leaf stands for, where it is more than a risk. */
  readonly outcome?: string;
}

/** Things and the arrows between them, such as rules between products. */
export interface Network {
  readonly kind: "network";
  readonly title: string;
  readonly caption?: string;
  readonly nodes: readonly NetworkNode[];
  readonly links: readonly NetworkLink[];
  /** What the width and the colour of an arrow stand for. */
  readonly headings: { readonly width: string; readonly heat: string };
}

/** One thing: the larger the more there is of it. */
export interface NetworkNode {
  readonly label: string;
  readonly size: number;
}

/** An arrow from one node, or several that join, to another, by their places. */
export interface NetworkLink {
  readonly from: readonly number[];
  readonly to: number;
  /** A count above 0; the greatest is the thickest. */
  readonly width: number;
  /** Above 0; the greatest is the darkest. */
  readonly heat: number;
}

/** The closed set of charts an analysis may ask for. */
export type Chart = HeatMap | Bars | Curve | TreePicture | Network;

/** What a report shows for an analysis: data and words in the reader's language, never markup. */
export interface Section {
  readonly analysis: string;
  readonly title: string;
  readonly question: string;
  /** One sentence a manager can repeat. */
  readonly answer: string;
  readonly headlines: readonly Headline[];
  readonly charts: readonly Chart[];
  readonly tables: readonly ShownTable[];
  /** What the reader must know before trusting the numbers. */
  readonly notes: readonly string[];
  /** A card a model for `models.json`: what was fitted, how it was tried, whether it ships. */
  readonly models?: readonly ModelCard[];
  /** Text files that go beside the report, such as a model's picture or its SQL. */
  readonly documents?: readonly TextDocument[];
  /** Rows that such a file reads, published beside it as Parquet. */
  readonly data?: readonly DataDocument[];
}

/** Rows of a relation that a run publishes for another of its files to read, by their first column. */
export interface DataDocument {
  /** With its extension, `.parquet`; one of {@link DOCUMENT_NAMES}. */
  readonly name: (typeof DOCUMENT_NAMES)[number];
  readonly relation: RelationName;
  readonly columns: readonly string[];
  /** SQL over the relation's columns. */
  readonly condition: string;
}

/** A text file that a run publishes. */
export interface TextDocument {
  /** With its extension; one of {@link DOCUMENT_NAMES}. */
  readonly name: (typeof DOCUMENT_NAMES)[number];
  readonly text: string;
}

/** The text files that sections may publish; a folder with any other is not a run's. */
export const DOCUMENT_NAMES = [
  "tree.svg",
  "tree.sql",
  "tree-features.parquet",
  "rules.csv",
  "segments.sql",
  "segments-features.parquet",
  "segments-profile.svg",
  "segments-profile.sql",
] as const;

/** What is to be known of a fitted model: its name, and JSON values. */
export type ModelCard = Readonly<Record<string, unknown>> & { readonly name: string };
