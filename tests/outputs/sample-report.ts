import {
  DateDay,
  Float64,
  Table as ArrowTable,
  tableFromArrays,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";

import type { Report } from "../../src/report.js";
import type { Bars, HeatMap, Section, ShownTable } from "../../src/section.js";
import { type Language, textsIn } from "../../src/texts/index.js";
import type { Table } from "../../src/table.js";

/** What a careless page would run, and a careless spreadsheet would calculate. */
export const SCRIPT_CELL = "<script>alert(1)</script>";
export const FORMULA_CELL = "=cmd|' /C calc'!A0";

export const CUSTOMER_COUNT = 200;

/** An RFM report of a made-up wholesaler, as an analysis would hand it over. */
export function sampleReport(language: Language): Report {
  const isEnglish = language === "en";
  return {
    title: isEnglish ? "Harbour Tea Wholesale" : "海港茶业批发",
    asOfDate: "2026-06-30",
    currency: isEnglish ? "USD" : "CNY",
    language,
    texts: textsIn(language),
    sections: [rfmSection(isEnglish), baseSection(isEnglish)],
    files: FILES,
    rejects: [
      {
        file: "orders-2026.csv",
        column: "order_date",
        reason: isEnglish ? "not a day: 31.02.2026" : "不是日期：31.02.2026",
        rows: 17,
      },
      { file: "客户资料.xlsx", column: "客户编号", reason: isEnglish ? "empty" : "为空", rows: 3 },
    ],
    warnings: [
      {
        code: "rows_repeat",
        gaps: { entity: "order_lines", count: 4 },
      },
    ],
    version: "0.1.0",
  };
}

const FILES = [
  {
    file: "orders-2026.csv",
    source: "erp",
    entity: "orders",
    rowsIn: 48_213,
    rowsStaged: 48_154,
    rowsSkipped: 42,
    rowsRejected: 17,
  },
  {
    file: "客户资料.xlsx",
    source: "crm",
    entity: "customers",
    rowsIn: 6_204,
    rowsStaged: 6_201,
    rowsSkipped: 0,
    rowsRejected: 3,
  },
];

function rfmSection(isEnglish: boolean): Section {
  const say = (english: string, chinese: string): string => (isEnglish ? english : chinese);
  return {
    analysis: "rfm",
    title: say("RFM with change in frequency", "RFM 分析（含购买频率变化）"),
    question: say(
      "Who buys recently, often and for much – and who is drifting away?",
      "谁最近买、常买、买得多？谁正在流失？",
    ),
    answer: say(
      "412 customers who used to order every month have slowed down; together they were worth $3.18 million last year, and the ten largest make up 41% of it.",
      "412 位原本每月下单的客户已明显放缓；他们去年合计贡献 318 万元，其中最大的十位占 41%。",
    ),
    headlines: [
      {
        label: say("Active customers", "活跃客户"),
        value: 6201,
        format: "integer",
        note: say("ordered in the last 12 months", "近 12 个月有订单"),
      },
      {
        label: say("Slipping away", "正在流失"),
        value: 412,
        format: "integer",
        note: say("6.6% of active customers", "占活跃客户 6.6%"),
      },
      { label: say("Their sales last year", "其去年销售额"), value: 53_631_895.05, format: "money" },
      {
        label: say("Repeat rate", "复购率"),
        value: 0.6234,
        format: "percent",
        note: say("up 1.2 points in a quarter", "本季度上升 1.2 个百分点"),
      },
    ],
    charts: [heatMap(isEnglish), segmentBars(isEnglish)],
    tables: [
      segmentTable(isEnglish),
      movementTable(isEnglish),
      cutPoints(isEnglish),
      slippingTable(isEnglish),
    ],
    notes: [
      say(
        "Customers whose first order is less than 60 days old are not scored.",
        "首单不足 60 天的客户不参与评分。",
      ),
      say("Returns are deducted from the month in which they were booked.", "退货计入入账当月。"),
    ],
  };
}

function baseSection(isEnglish: boolean): Section {
  const say = (english: string, chinese: string): string => (isEnglish ? english : chinese);
  return {
    analysis: "base",
    title: say("Customer base", "客户动态"),
    question: say(
      "How many customers came, stayed, returned and left?",
      "新增、留存、回流、流失的客户各有多少？",
    ),
    answer: say(
      "The base grew by 118 customers this quarter: 301 came, 64 returned and 247 left.",
      "本季度客户净增 118 位：新增 301 位，回流 64 位，流失 247 位。",
    ),
    headlines: [],
    charts: [movementBars(isEnglish)],
    tables: [],
    notes: [],
  };
}

function heatMap(isEnglish: boolean): HeatMap {
  const cells = Array.from({ length: 25 }, (_, index) => ({
    recency: 1 + (index % 5),
    frequency: 1 + Math.floor(index / 5),
  })).filter(
    ({ recency, frequency }) => !(recency === 1 && frequency === 5) && !(recency === 2 && frequency === 5),
  );
  const sizeOf = ({ recency, frequency }: { recency: number; frequency: number }): number =>
    40 + 37 * (6 - Math.abs(recency - frequency)) + ((recency * 7 + frequency * 13) % 11) * 31;
  return {
    kind: "heat-map",
    title: isEnglish ? "Customers by recency and frequency" : "客户分布：最近购买 × 购买频率",
    caption: isEnglish
      ? "Customers, and below it their sales in twelve months. 5 is best."
      : "每格为客户数，下方为近十二个月销售额。5 分最好。",
    rows: tableFromArrays({
      recency: Float64Array.from(cells, (cell) => cell.recency),
      frequency: Float64Array.from(cells, (cell) => cell.frequency),
      customers: Float64Array.from(cells, sizeOf),
      sales: Float64Array.from(cells, (cell) => sizeOf(cell) * 412 * cell.frequency),
    }) as unknown as Table,
    x: { name: "recency", title: isEnglish ? "Recency score" : "最近购买得分", format: "integer" },
    y: { name: "frequency", title: isEnglish ? "Frequency score" : "购买频率得分", format: "integer" },
    value: { name: "customers", title: isEnglish ? "Customers" : "客户数", format: "integer" },
    detail: { name: "sales", title: isEnglish ? "Sales" : "销售额", format: "money" },
  };
}

const SEGMENTS = [
  { english: "Champions", chinese: "重要价值客户", customers: 812, sales: 6_412_000.5, share: 0.402, age: 9 },
  { english: "Loyal", chinese: "重要保持客户", customers: 1204, sales: 4_105_230, share: 0.257, age: 31 },
  {
    english: "Potential loyalists",
    chinese: "重要发展客户",
    customers: 988,
    sales: 1_950_112.25,
    share: 0.122,
    age: 27,
  },
  {
    english: "Need attention",
    chinese: "重要挽留客户",
    customers: 412,
    sales: 3_182_450.75,
    share: 0.199,
    age: 118,
  },
  {
    english: "Hibernating",
    chinese: "一般挽留客户",
    customers: 2785,
    sales: 318_904,
    share: 0.02,
    age: null,
  },
];

function segmentTable(isEnglish: boolean): ShownTable {
  return {
    name: "segments",
    title: isEnglish ? "Segments" : "客户分群",
    caption: isEnglish
      ? "Sales of the last twelve months; the shares add up to 100%."
      : "近十二个月销售额；占比合计 100%。",
    columns: [
      { name: "segment", title: isEnglish ? "Segment" : "分群", format: "text" },
      { name: "customers", title: isEnglish ? "Customers" : "客户数", format: "integer" },
      { name: "sales", title: isEnglish ? "Sales" : "销售额", format: "money" },
      { name: "share", title: isEnglish ? "Share of sales" : "销售占比", format: "percent" },
      {
        name: "age",
        title: isEnglish ? "Median days since order" : "距上次购买天数（中位）",
        format: "integer",
      },
    ],
    rows: tableOf({
      segment: texts(SEGMENTS.map((segment) => (isEnglish ? segment.english : segment.chinese))),
      customers: numbers(SEGMENTS.map((segment) => segment.customers)),
      sales: numbers(SEGMENTS.map((segment) => segment.sales)),
      share: numbers(SEGMENTS.map((segment) => segment.share)),
      age: numbers(SEGMENTS.map((segment) => segment.age)),
    }),
  };
}

function segmentBars(isEnglish: boolean): Bars {
  const table = segmentTable(isEnglish);
  return {
    kind: "bars",
    title: isEnglish ? "Sales by segment" : "各分群销售额",
    caption: isEnglish ? "Last twelve months." : "近十二个月。",
    rows: table.rows,
    label: { name: "segment", title: isEnglish ? "Segment" : "分群", format: "text" },
    value: { name: "sales", title: isEnglish ? "Sales" : "销售额", format: "money" },
  };
}

function movementBars(isEnglish: boolean): Bars {
  return {
    kind: "bars",
    title: isEnglish ? "Change in customers this quarter" : "本季度客户变动",
    rows: tableOf({
      kind: texts(isEnglish ? ["New", "Reactivated", "Lost"] : ["新增", "回流", "流失"]),
      customers: numbers([301, 64, -247]),
    }),
    label: { name: "kind", title: isEnglish ? "Movement" : "变动", format: "text" },
    value: { name: "customers", title: isEnglish ? "Customers" : "客户数", format: "integer" },
  };
}

function movementTable(isEnglish: boolean): ShownTable {
  return {
    name: "movements",
    title: isEnglish ? "Who moved since the last run" : "与上次相比的分群变动",
    caption: isEnglish
      ? "From the segment of 31 May to that of 30 June."
      : "从 5 月 31 日的分群到 6 月 30 日的分群。",
    columns: [
      { name: "from", title: isEnglish ? "From" : "原分群", format: "text" },
      { name: "to", title: isEnglish ? "To" : "现分群", format: "text" },
      { name: "customers", title: isEnglish ? "Customers" : "客户数", format: "integer" },
      { name: "sales", title: isEnglish ? "Sales" : "销售额", format: "money" },
    ],
    rows: tableOf({
      from: texts(
        isEnglish
          ? ["Champions", "Loyal", "Need attention"]
          : ["重要价值客户", "重要保持客户", "重要挽留客户"],
      ),
      to: texts(
        isEnglish
          ? ["Need attention", "Champions", "Hibernating"]
          : ["重要挽留客户", "重要价值客户", "一般挽留客户"],
      ),
      customers: numbers([38, 51, 22]),
      sales: numbers([402_118.4, 388_020, null]),
    }),
  };
}

function cutPoints(isEnglish: boolean): ShownTable {
  return {
    name: "cut-points",
    title: isEnglish ? "How the scores were cut" : "评分切点",
    caption: isEnglish
      ? "A customer gets the score whose bounds hold its value."
      : "客户的取值落在哪个区间，就得哪个分数。",
    columns: [
      { name: "score", title: isEnglish ? "Score" : "得分", format: "integer" },
      {
        name: "days",
        title: isEnglish ? "Days since order, at most" : "距上次购买天数，至多",
        format: "integer",
      },
      { name: "orders", title: isEnglish ? "Orders a year, at least" : "年订单数，至少", format: "decimal" },
      { name: "sales", title: isEnglish ? "Sales, at least" : "销售额，至少", format: "money" },
    ],
    rows: tableOf({
      score: numbers([5, 4, 3, 2, 1]),
      days: numbers([14, 31, 62, 121, null]),
      orders: numbers([24, 12, 6.5, 2, 0]),
      sales: numbers([25_000, 9_800, 3_200, 640, 0]),
    }),
  };
}

const COMPANIES = {
  en: [
    "Maple & Sons",
    "Northgate Foods",
    "Bluewater Catering",
    "Old Mill Stores",
    "Saffron House",
    "Zephyr Trading",
  ],
  zh: ["安徽徽香茶庄", "北京瑞和商贸", "成都巴蜀食品", "广州南粤茶行", "上海申江贸易", "重庆山城百货"],
};

/** 200 customers; the seventh and the twelfth carry the hostile cells, every ninth lacks an owner. */
function slippingTable(isEnglish: boolean): ShownTable {
  const rows = Array.from({ length: CUSTOMER_COUNT }, (_, index) => index);
  const names = isEnglish ? COMPANIES.en : COMPANIES.zh;
  const nameOf = (index: number): string =>
    index === 6 ? SCRIPT_CELL : index === 11 ? FORMULA_CELL : `${names[index % names.length]} ${index + 1}`;
  const days = (index: number): number => 40 + ((index * 53) % 160);
  return {
    name: "slipping",
    title: isEnglish ? "Customers slipping away" : "正在流失的客户",
    caption: isEnglish ? "Most likely to leave first, then by money." : "按流失可能性排序，其次按金额。",
    isInteractive: true,
    columns: [
      { name: "name", title: isEnglish ? "Customer" : "客户", format: "text" },
      { name: "key", title: isEnglish ? "Number" : "编号", format: "text" },
      { name: "sales", title: isEnglish ? "Sales" : "销售额", format: "money" },
      { name: "risk", title: isEnglish ? "Risk" : "流失概率", format: "percent" },
      { name: "last_order", title: isEnglish ? "Last order" : "上次下单", format: "date" },
      { name: "owner", title: isEnglish ? "Owner" : "负责人", format: "text" },
      { name: "reason", title: isEnglish ? "Why" : "原因", format: "text" },
    ],
    rows: tableOf({
      name: texts(rows.map(nameOf)),
      key: texts(rows.map((index) => `00${10_000 + index * 37}`)),
      sales: numbers(rows.map((index) => (index % 17 === 16 ? null : ((index * 7919) % 9973) * 12.5))),
      risk: numbers(rows.map((index) => 0.95 - index * 0.003)),
      last_order: vectorFromArray(
        rows.map((index) => new Date(Date.UTC(2026, 5, 30 - days(index)))),
        new DateDay(),
      ),
      owner: texts(
        rows.map((index) =>
          index % 9 === 8
            ? null
            : isEnglish
              ? (["Ana", "Li Wei", "Tom"][index % 3] ?? null)
              : (["李伟", "王芳", "张敏"][index % 3] ?? null),
        ),
      ),
      reason: texts(
        rows.map((index) =>
          isEnglish
            ? `Usually orders every ${20 + (index % 5)} days; last order ${days(index)} days ago, and orders halved in the last quarter.`
            : `通常每 ${20 + (index % 5)} 天下单一次；距上次下单已 ${days(index)} 天，近一季度订单减半。`,
        ),
      ),
    }),
  };
}

function numbers(values: readonly (number | null)[]) {
  return vectorFromArray(values, new Float64());
}

function texts(values: readonly (string | null)[]) {
  return vectorFromArray(values, new Utf8());
}

function tableOf(columns: Record<string, Vector>): Table {
  return new ArrowTable(columns) as Table;
}
