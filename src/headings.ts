/** A heading without case, spaces and marks, and without the path by which Odoo heads what is a line's. */
export const plain = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/^(order lines|invoice lines|订单行|订单明细|发票行|auftragszeilen)\//, "")
    .replace(/[^\p{L}\p{N}]/gu, "");

/** Headings as people and systems write them, the surest first; compared without case, spaces and marks. */
type Headings = readonly RegExp[];

/** The account of a buyer, as Taobao and JD head it. */
const SHOP_ACCOUNT = /^买家会员名$|^下单[账帐]号$/;

const NAME =
  /^(customer|client|buyer|account|company|contact|partner|billto|soldto)name$|^(客户|顾客|会员|买家|用户|购货单位)(名称|姓名|简称|名)$|^(kunden|firmen|debitor(en)?)name$/;

const NUMBER_OF_PHONE = "(手机|联系手机|电话|联系电话)(号|号码)?";
const PHONE = new RegExp(
  `^(买家|客户|顾客|会员|用户)?${NUMBER_OF_PHONE}$|^(customer|buyer|contact|billing)?(phone|mobile|telephone)(number|no)?$|^contact(no|nr|number)$`,
);
const RECEIVER_PHONE = new RegExp(
  `^(收件人|收货人)${NUMBER_OF_PHONE}$|^(shipping|recipient)(phone|mobile|telephone)(number|no)?$`,
);

/** What people call themselves, which others may too. */
const NICKNAME = /^(买家|用户|会员|客户)?昵称$|^(buyer|customer|user)?(nick|nickname)$/;

/** Who gets the parcel, in exports of shops that name no customer. */
const RECEIVER = /^(收货人|收件人)(姓名|名)?$|^(shipto|recipient|receiver)(name)?$/;

/** A name tells customers apart badly: two of one name count as one. */
export const isNameHeading = (heading: string) =>
  [NAME, NICKNAME, RECEIVER].some((pattern) => pattern.test(heading));

/** Whether a heading speaks of a telephone number, of which exports may show the ends alone. */
export const isPhoneHeading = (heading: string) => PHONE.test(plain(heading));

/** Whether a heading speaks of what people call themselves. */
export const isNicknameHeading = (heading: string) => NICKNAME.test(plain(heading));

/** Who buys. */
export const CUSTOMER_HEADINGS: Headings = [
  /^(customer|client|cust|buyer|account|member|user|shopper)(id|no|nr|number|key|code|ref)?$/,
  /^(客户|顾客|会员|买家|用户|购货单位)(id|号|编号|代码|编码|账号)?$/,
  SHOP_ACCOUNT,
  /^(kunde|kunden|debitor|debitoren|auftraggeber)(nr|nummer|id)?$/,
  /^(partner|contact|soldto|billto)(id|key|code|ref|party)?$/,
  /email/,
  NAME,
  PHONE,
  NICKNAME,
  RECEIVER_PHONE,
  RECEIVER,
];

/** On which day. */
export const DATE_HEADINGS: Headings = [
  /^(order|purchase|transaction|invoice|sale|sales|posting|document|booking)(date|day|time|datetime|timestamp|at)$/,
  /^(订单|下单|交易|购买|单据|销售|付款|开票|开单|制单)(日期|时间)$/,
  /^(订单|买家)?(创建|提交|成交|付款|支付)时间$/,
  /^(bestell|auftrags|beleg|rechnungs|buchungs)?datum$/,
  /^closed?date$/,
  /^(date|day|orderedat|purchasedat|created(at|date)?(utc)?|dateorder|日期|时间)$/,
];

/** How much is paid: by the customer, then in all, then for the goods. */
export const AMOUNT_HEADINGS: Headings = [
  /^(order|sales?|purchase|transaction|invoice|line|net|total|paid)?(amount|revenue|total|value|spend|spent|turnover)(eur|usd|cny|gbp)?$/,
  /^(order|invoice)?(grand|net)?total(amount|paid|price)?(base|purchased|eur|usd|cny|gbp)?$|^amount(total|paid|net)$|^(line|extended)(price|total)$|^itemtotal$/,
  /^(订单|商品|用户|买家|客户|商家)*(实付|实收|实际支付|实际付款)(金额|款|总额|总价)?(元)?$/,
  /^(订单|单据|销售|支付|付款|应付|应收|结算|交易|消费|合计|成交|本币|本位币)*(金额|销售额|价税合计|总额|总价)(元)?$/,
  /^(商品|货品|宝贝|产品)*(金额|总价|总额)(合计)?(元)?$/,
  /^(netto|brutto|gesamt|rechnungs|auftrags|bestell|waren|beleg)(betrag|umsatz|wert|summe)(eur)?$|^gesamtpreis(eur)?$|^(betrag|umsatz)(eur)?$/,
  /^(sales|monetary|subtotal|netsales|grosssales|gross)$|^小计(元)?$/,
  /^原币(金额|价税合计|总额|总价)(元)?$/,
];

/** The number of an order. */
export const ORDER_HEADINGS: Headings = [
  /^(order|invoice|transaction|receipt|document|basket|ticket)(id|no|nr|number|key|code|ref)$/,
  /^主?(订单|单据|交易|发票|销售单|小票)?(号|编号|单号|流水号)$/,
  /^(bestell|auftrags|beleg|rechnungs)(nr|nummer)$/,
  /^(auftrag|bestellung|rechnung|beleg|verkaufsbeleg|vorgang)(id)?$/,
  /^(order|invoice|invoiceno)$/,
  /^(amazon|main|online|sales|shop|web)order(id|no|nr|number)$|^orderreference$/,
];

/** What one costs. */
export const PRICE_HEADINGS: Headings = [
  /^(unit|lineitem|item|sales?|selling|net|list|retail)?price(each)?(eur|usd|cny|gbp)?$/,
  /^(商品|销售|成交|零售|含税|不含税)?(单价|售价|价格|成交价)(元)?$|^京东价(元)?$/,
  /^(einzel|stück|netto|brutto|verkaufs)?preis(eur)?$/,
];

/** How many. */
export const QUANTITY_HEADINGS: Headings = [
  /^(item|line|lineitem|order|ordered|sales?|sold|purchase)?(qty|quantity|units|pieces|pcs)$/,
  /^(商品|宝贝|购买|销售|订购|出库|实发)?(数量|件数)$/,
  /^(bestell)?(menge|anzahl|stückzahl)$/,
];

/** What was given back of the amount beside it. */
export const REFUND_HEADINGS: Headings = [
  /^(total|order|line|lineitem|item|gross)?refund(s|ed)?(amount|amt|total|value|sum)?(eur|usd|cny|gbp)?$/,
  /^(amount|total|value)refunded(eur|usd|cny|gbp)?$|^returned(amount|value)$/,
  /^(买家|订单|商品|实际|成功|已)*(退款|退货退款|实退)(总?金额|总额)?(元)?$|^退货金额(元)?$/,
  /^(rück)?erstatt(ung|ungen|et|ungsbetrag|ungssumme)(eur)?$|^(rück)?erstatteter?betrag(eur)?$|^gutschrift(sbetrag)?(eur)?$/,
];

const DOCUMENT =
  "(order|financial|sales?|document|doc|transaction|trx|trans|invoice|payment|line|record|booking|bestell|auftrags|beleg|rechnungs|vorgangs|buchungs|verkaufsbeleg)?";
const STATUS = new RegExp(`^${DOCUMENT}(status|state)(name|text|description)?$|^(订单|单据|交易|发票)?状态$`);
const TYPE = new RegExp(
  `^${DOCUMENT}(type|kind|art|typ)$|^(订单|单据|交易|业务|销售|发票)?(类型|类别|种类)$|^红蓝字?(标志|标识)?$`,
);
const CANCELLED =
  /^(is|order)?(cancell?ed|void(ed)?|deleted)$|^(ist)?storniert$|^(是否)?已?(作废|取消|撤销|删除)(标志|标识)?$/;
const CANCELLING =
  /^(cancell?(ed|ation)?|void(ed)?|rejection)(at|on|date|time|reason)$|^storno(datum|grund|zeit(punkt)?)$|^absagegrund$|^(订单)?(取消|作废|撤销)(时间|日期|原因)$/;

/** Whether a heading speaks of how far a document has come. */
export const isStatusHeading = (heading: string) => STATUS.test(plain(heading));

/** Whether a heading speaks of what a document is. */
export const isTypeHeading = (heading: string) => TYPE.test(plain(heading));

/** Whether a heading asks if a document is cancelled. */
export const isCancelledHeading = (heading: string) => CANCELLED.test(plain(heading));

/** Whether a heading speaks of when or why a document was cancelled: others have no such day or reason. */
export const isCancellingHeading = (heading: string) => CANCELLING.test(plain(heading));

const OF_LINE = /line|item|position|行|明细|子订单/;

/** Whether a heading speaks of what an order is, and not of one of its rows. */
export const isOrderKindHeading = (heading: string) =>
  (isStatusHeading(heading) || isTypeHeading(heading)) && !OF_LINE.test(plain(heading));

/** Shopify calls the number of an order its name, and writes it as `#1001` on every row. */
export const isNumberedName = (heading: string, cells: readonly (string | undefined)[]) =>
  plain(heading) === "name" && cells.length > 0 && cells.every((cell) => /^\s*#\S*\d/.test(cell ?? ""));
