import { cellsOf } from "./cell-shapes.js";
import { CrmError } from "./errors.js";
import type { Layout } from "./guess-layout.js";
import type { RefundColumn } from "./guess-refunds.js";
import {
  isCancelledHeading,
  isCancellingHeading,
  isStatusHeading,
  isTypeHeading,
  plain,
} from "./headings.js";
import { noSuchColumn } from "./inputs/csv.js";
import { ANY_WORD, type RowWords } from "./mapping.js";

/** What rows of a bare file are, by columns that say so: each a heading and its words. */
export interface RowKinds {
  /** Left out. */
  readonly skipped: RowWords;
  /** Taken away, whichever sign they have. */
  readonly returned: RowWords;
  /** Counted as they stand, and told of. */
  readonly doubted: RowWords;
  /** Where one is beside the amounts, and nobody named it. */
  readonly refunds?: RefundColumn;
}

/** What the command line says of rows. */
export interface RowHints {
  readonly skipped?: RowWords | undefined;
  readonly returned?: RowWords | undefined;
  /** True where nothing is to be found by itself. */
  readonly isAll?: boolean | undefined;
  /** What an amount that stands on each row of an order is; it is looked for where this is not said. */
  readonly amountPer?: AmountPer | undefined;
  /** The column of what was given back, or {@link NO_REFUND}; it is looked for where this is not said. */
  readonly refund?: string | undefined;
}

/** An amount is a row's, or stands on each row of an order and is the order's. */
export const AMOUNT_PER = ["row", "order"] as const;
/** One of them. */
export type AmountPer = (typeof AMOUNT_PER)[number];

/** The flags that said it. */
export const rowFlags = ({ skipped, returned, isAll, amountPer, refund }: RowHints = {}): string[] => [
  ...(skipped === undefined ? [] : ["--skip-when"]),
  ...(returned === undefined ? [] : ["--return-when"]),
  ...(isAll === true ? ["--all-rows"] : []),
  ...(amountPer === undefined ? [] : ["--amount-per"]),
  ...(refund === undefined ? [] : ["--refund"]),
];

/** What rows are told apart with. */
export interface RowSigns {
  readonly hints: RowHints;
  /** Headings that mean something else. */
  readonly taken: readonly (string | undefined)[];
  /** The heading of the amounts. */
  readonly amount: string | undefined;
}

const listed = (...lists: string[]) => lists.flatMap((list) => list.split("|"));

const CANCELLED = listed(
  "cancelled|canceled|void|voided|annulled|storniert|storno|annulliert|annulé|annulée|cancelado|cancelada|annullato|geannuleerd",
  "已取消|取消|订单取消|交易取消|交易关闭|订单关闭|已作废|作废|已撤销|撤销|已撤单",
);
const RETURNED = listed(
  "return|returns|returned|sales return|customer return|refund|refunds|refunded|credit note|credit memo",
  "gutschrift|retoure|rückgabe|rueckgabe|erstattung|retour|avoir|devolución|devolucion|reso",
  "退货|退款|退单|已退货|已退款|退货单|销售退货|退货入库",
);
const UNSOLD = listed(
  "failed|declined|draft|quote|quotation|estimate|devis|fehlgeschlagen|abgelehnt|entwurf|angebot|支付失败|草稿|报价",
);
/** Words of a type that are a return's; an invoice that cancels another takes it away. */
const LIKE_RETURNED =
  /^storno$|storno(rechnung|beleg)|stornierung|rechnungskorrektur|korrekturrechnung|\breturns?( order| note| slip| receipt)?$|^returned\b|\brefund(s|ed)?\b|credit (note|memo)|gutschrift|retoure|rückgabe|rueckgabe|erstattung|退货|退款|退单|红字|^红$/;
/** Words that speak of whether a return is possible. */
const ABOUT_RETURNS = /无理由|可退|不退|包退|支持|\bno\b|policy/;
/** Words of a status that say the same in other words. */
const LIKE_CANCELLED = /cancel|storn|annul|\bvoid|delet|abgebrochen|gelöscht|取消|作废|撤销|撤单|删除/;
/** Of these, what has come to pass in part, or not yet. */
const IN_PART = /\bnot?\b|part|request|pending|teil|nicht|beantragt|部分|未|不|申请|待|中$/;
/** Words of a status that sales seldom have. */
const LIKE_UNSOLD =
  /reject|refus|fail|fehlgeschlag|await|wartet|attente|échou|échec|declin|denied|expire|terminated?\b|abandon|refund|return|draft|quot|unpaid|pending|on.?hold|\blost\b|abgelehnt|abgelaufen|verweigert|offen|erstatt|gutgeschrieb|ausstehend|zurückg|impay|impag|拒|驳回|不通过|失败|异常|超时(?!.*(自动|确认|收货|签收))|过期|关闭|冲销|退款|退货|(审核|付款|支付)中|草稿/;

/** Words of a status that sales have: beside one of them, any word without is told of. */
const LIKE_DONE =
  /\b(complete|paid|part(ly|ially)? paid|captured|authori[sz]|ship|sent|deliver|dispatch|fulfil|picked|collected|packed|backorder|close|success|succeed|done|finish|sold|settle|confirm|approve|accept|process|progress|open|active|posted|invoice|billed|ready|receive|transit|normal|valid|sale|order|book|released|won)|^new$|abgeschlossen|bezahlt|versandt|versendet|versand|geliefert|zugestellt|erledigt|fertig|fakturiert|berechnet|gestellt|bestellt|bestätigt|gebucht|freigegeben|bearbeitung|kommissioniert|verpackt|abgeholt|^neu$|pay[ée]|livr|exp[ée]di|termin[ée]|terminad|terminat[oai]\b|unterwegs|en cours|pagad|enviad|entregad|完成|成功|付款|支付|发货|收货|签收|揽[件收]|审核|审批|结案|结清|确认|正常|有效|生效|出库|开票|评价|交付|自提|核销|关闭$|(配送|派送|运输|备货|配货|拣货|打包|处理|进行)中/;
/** What is still to come where money is paid: 待发货. */
const STILL_DUE =
  /[待未](卖家|商家|商户|买家|客户)?(发货|收货|评价|自提|提货|出库|签收|配送|揽收|取货|使用|消费|核销|开票|确认收货)/;
/** What has not come to pass: `unpaid`, `not yet paid`, 未支付. */
const UNMADE =
  /\b(un(?!ter|der)\w+|in(complete|valid|active|sufficient|correct)\w*|im(pay|pag)\S*|(not|never|no|non|nicht|noch nicht|kein\w*|won.?t)\b.*)|[未待不].+/g;
const worded = (word: string) => word.replaceAll("_", " ").replace(STILL_DUE, "");
/** What was to be undone, and was not. */
const STANDING = /^(not |nicht |non |未|不)(yet )?(cancel|storn|annul|void|delet|取消|作废|撤销|删除)/;
const isDone = (word: string) =>
  STANDING.test(word) || STILL_DUE.test(word) || LIKE_DONE.test(worded(word).replace(UNMADE, ""));

/** Whether a word speaks against a sale; of others nobody knows what they mean. */
export const isAgainstSale = (word: string): boolean =>
  DOUBTFUL.has(word) ||
  [LIKE_CANCELLED, LIKE_RETURNED, LIKE_UNSOLD].some((pattern) => pattern.test(worded(word))) ||
  worded(word).replace(UNMADE, "") !== worded(word);

/** Words of rows that may be no sale. */
const DOUBTFUL: ReadonlySet<string> = new Set([...CANCELLED, ...RETURNED, ...UNSOLD]);
/** Words of a type that are money for sales which stand beside them. */
const PAID = listed("payment|payments|customer payment|zahlung|zahlungseingang|paiement|pago|收款|收款单");
const LIKE_INVOICED = /invoice|rechnung|facture|factura|发票|应收|销售|出库/;
/** Words of a type that are money moved for something else. */
const MOVED = listed(
  "deposit|journal entry|transfer|withdrawal|general withdrawal|currency conversion|general currency conversion",
  "chargeback|fee|payout|bill|bill payment",
);
const isDocumentType = (heading: string) => isTypeHeading(heading) && !/payment/.test(plain(heading));
/** Words that stand for sales beside those for returns: a type that has them is that of a document. */
const LIKE_SOLD =
  /\bsale|\bsold|order|invoice|purchase|verkauf|\bkauf|rechnung|bestellung|auftrag|\bvente|facture|\bventa|销售|订单|正常|购买|销货|蓝/;
const isReturned = (word: string) =>
  LIKE_RETURNED.test(word) && !IN_PART.test(word) && !ABOUT_RETURNS.test(word);
const isSold = (word: string) => LIKE_SOLD.test(word) && !isReturned(word);

/** Words of a column that asks whether a row is cancelled. */
const YES = listed("yes|y|true|t|1|x|ja|是|已作废|已取消|作废|取消|已删除|删除|已撤销|撤销");
const NO = listed("no|n|false|f|0|nein|否|未作废|未取消");
/** What stands where there is no day and no reason. */
const NOTHING = /^([-–—/]+|n\/?a|none|null|nil|无|否|no|n|0|false|0000-00-00.*|1970-01-01.*)$/;
/** Of rows so few are cancelled: where more have such a word, a day or a reason, it means something else. */
const MOST_CANCELLED = 0.5;

/** How far a deal has come: where some are won, all others are no sales, or not yet. */
const STAGE = /^(deal|opportunity|sales?|pipeline)?stage(name)?$|^(商机|销售|机会)?阶段$/;
const WON = /\bwon\b|gewonnen|赢单|成交|签约/;
const isWon = (word: string) => WON.test(word) && !IN_PART.test(word);

type WordKind = "skipped" | "returned" | "doubted";

/** A column with more different cells holds no kinds of rows. */
const MOST_KINDS = 20;

/**
 * Which rows are left out, which take away, and which are doubtful.
 *
 * @throws CrmError `usage` where a column that was named is not there
 */
export function guessRowKinds(file: string, layout: Layout, signs: RowSigns): RowKinds {
  const { skipped = {}, returned = {}, isAll = false } = signs.hints;
  const named = Object.keys({ ...skipped, ...returned });
  const lost = named.find((heading) => !layout.headings.includes(heading));
  if (lost !== undefined)
    throw new CrmError(
      "usage",
      noSuchColumn(`--skip-when, --return-when ${lost}`, lost, { file, headings: layout.headings }),
    );
  const free = layout.headings.filter((one) => one !== "" && !signs.taken.includes(one));
  const found = isAll ? [] : free.map((heading) => kindsOf(layout, heading, signs.amount));
  const gathered = (kind: WordKind) => Object.assign({}, ...found.map((one) => one[kind])) as RowWords;
  const given = (heading: string) =>
    [skipped[heading] ?? [], returned[heading] ?? []].flat().map((word) => word.toLowerCase());
  const rest = (kind: WordKind) => withoutWords(gathered(kind), given);
  return {
    skipped: withWords(rest("skipped"), skipped),
    returned: withWords(rest("returned"), returned),
    doubted: rest("doubted"),
  };
}

const LIKE_REFUNDED = /refund|退款|erstatt|rembours/;

/** Whether a word says that something was given back. */
export const isRefunded = (word: string): boolean => LIKE_REFUNDED.test(word);

/** Words of each heading but those; headings without any are left away. */
function withoutWords(words: RowWords, without: (heading: string) => readonly string[]): RowWords {
  const kept = Object.entries(words).map(
    ([heading, all]) => [heading, all.filter((word) => !without(heading).includes(word))] as const,
  );
  return Object.fromEntries(kept.filter(([, all]) => all.length > 0));
}

/** Words of each heading, those that were given behind those that were found. */
const withWords = (found: RowWords, given: RowWords): RowWords => ({
  ...found,
  ...Object.fromEntries(
    Object.entries(given).map(([heading, words]) => [heading, [...(found[heading] ?? []), ...words]]),
  ),
});

/** What one column says by itself. */
function kindsOf(
  layout: Layout,
  heading: string,
  amount: string | undefined,
): Partial<Pick<RowKinds, WordKind>> {
  const words = wordsOf(layout, heading);
  const isStatus = isStatusHeading(heading);
  const isType = isTypeHeading(heading) && words.some(isSold);
  const returned = isType ? [...new Set([...RETURNED, ...words.filter(isReturned)])] : [];
  const isStage = STAGE.test(plain(heading)) && words.some(isWon);
  const cancelled = words.filter((word) => LIKE_CANCELLED.test(word) && !IN_PART.test(word));
  const gone = isStatus
    ? [...new Set([...CANCELLED, ...cancelled])]
    : [...cancelledBy(layout, heading, words), ...(isType ? paymentsAmong(words) : [])];
  const hasDone = words.some(isDone);
  const isUnlike = (word: string) =>
    isStatus &&
    !STANDING.test(word) &&
    (LIKE_CANCELLED.test(word) || LIKE_UNSOLD.test(word) || (hasDone && !isDone(word)));
  const telling = words.filter(
    (word) =>
      (DOUBTFUL.has(word) ||
        isUnlike(word) ||
        (isStage && !isWon(word)) ||
        (isDocumentType(heading) && (isReturned(word) || MOVED.includes(word)))) &&
      !gone.includes(word) &&
      !returned.includes(word) &&
      !(RETURNED.includes(word) && isBelowZero(layout, { heading, amount, word })),
  );
  return {
    ...(gone.length > 0 ? { skipped: { [heading]: gone } } : {}),
    ...(isType ? { returned: { [heading]: returned } } : {}),
    ...(telling.length > 0 ? { doubted: { [heading]: telling } } : {}),
  };
}

/** The words of payments, where invoices stand beside them. */
const paymentsAmong = (words: readonly string[]) =>
  words.some((word) => LIKE_INVOICED.test(word)) ? words.filter((word) => PAID.includes(word)) : [];

/** The words of cancelled rows in a column that asks whether they are, or tells when or why. */
function cancelledBy({ headings, sample }: Layout, heading: string, words: readonly string[]): string[] {
  const cells = cellsOf(sample, headings.indexOf(heading));
  const yesCount = cells.filter((cell) => YES.includes(cell.toLowerCase())).length;
  const isAsked = isCancelledHeading(heading) && words.every((word) => [...YES, ...NO].includes(word));
  if (isAsked) return yesCount <= MOST_CANCELLED * sample.length ? YES : [];
  const isFew = cells.length > 0 && cells.length <= MOST_CANCELLED * sample.length;
  const hasNothing = cells.some((cell) => NOTHING.test(cell.toLowerCase()));
  return isCancellingHeading(heading) && isFew && !hasNothing ? [ANY_WORD] : [];
}

/** The different cells of a column, in lower case; none where there are too many. */
function wordsOf({ headings, sample }: Layout, heading: string): string[] {
  const words = new Set<string>();
  for (const cell of cellsOf(sample, headings.indexOf(heading))) {
    words.add(cell.toLowerCase());
    if (words.size > MOST_KINDS) return [];
  }
  return [...words];
}

/** Whether every row of the word takes away as it is. */
function isBelowZero(
  { headings, sample }: Layout,
  {
    heading,
    amount,
    word,
  }: { readonly heading: string; readonly amount: string | undefined; readonly word: string },
): boolean {
  if (amount === undefined) return false;
  const [kind, money] = [headings.indexOf(heading), headings.indexOf(amount)];
  const amounts = sample
    .filter((row) => (row[kind] ?? "").trim().toLowerCase() === word)
    .map((row) => (row[money] ?? "").trim());
  return amounts.every((cell) => /^\(|^\D*[-−]|[-−]$/.test(cell));
}
