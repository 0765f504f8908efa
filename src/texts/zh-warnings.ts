import type { Texts } from "./index.js";

/** 警告；代码与英文完全相同。 */
export const warnings: Texts["warnings"] = {
  no_file: "{path}：没有该文件，已跳过",
  no_column: "{where}：没有“{heading}”列，{column} 留空",
  mark_doubtful: "{path}：“{heading}”列的写法像 {other}，而映射写的是 {type}：金额是否正确？",
  unit_large:
    "{file}：“{heading}”的单位为千或更大；金额按原值读取、未作换算，所有金额均以该单位计，而非以一为单位",
  same_bytes: "{path}：与 {earlier} 内容完全相同，不重复计算（{count} 行）",
  rows_after_date: "{entity}：有 {count} 行日期晚于 {date}，虽列在采用的行数中，但与所属明细均不参与计算",
  doubtful_date: "截至日为 {date}，即最晚的订单，但其前一笔在 {before}：日期是否有误？可用 --as-of 指定",
  kinds_left_out: "{file}：按 {column} 列排除了 {count} 行：{words}；加上 --all-rows 则计入",
  guests_left_out: "{file}：{count} 行的 {column} 列没有客户，已连同金额一并排除",
  guests_mostly:
    "{file}：{all} 行中有 {count} 行的 {column} 列没有客户，已连同金额一并排除；若客户只写在每组的第一行，请先向下填充单元格",
  kinds_returned:
    "{file}：按 {column} 列有 {count} 行视为退货，金额扣减：{words}；加上 --all-rows 则按原样计算",
  refunds_taken:
    "{file}：有 {count} 行的金额已扣除“{heading}”；若金额本就是退款后的余额，请用 --refund none，不作扣除",
  refunds_net:
    '{file}：有 {count} 行的“{heading}”未扣除，因为金额看来已是退款后的余额；如需扣除，请用 --refund "{heading}"',
  refunds_whole:
    '{file}：有 {count} 行的“{heading}”未扣除，因为它与金额看来一个按订单、一个按行；如需逐行扣除，请用 --refund "{heading}"',
  kinds_doubted:
    '{file}：{column} 列为以下值的 {count} 行与其他行一样计入：{words}；可用 --skip-when "{column}={choice}" 排除',
  kinds_unknown:
    '{file}：{column} 列为以下值的 {count} 行与其他行一样计入，但不知是否为销售：{words}；若不是，可用 --skip-when "{column}=值,…" 排除',
  kinds_maybe_returned:
    '{file}：{column} 列为以下值的 {count} 行与其他行一样计入：{words}；可用 --skip-when "{column}={choice}" 排除，或用 --return-when 扣减',
  kinds_missing: "{file}：{column} 列中没有 {word}",
  totals_left_out:
    "{file}：有 {count} 行是其他行的合计，已排除：{words}（首处：第 {line} 行）；加上 --all-rows 则计入",
  totals_doubted:
    '{file}：{column} 列中有 {count} 行名为 {words}，{count|但不等于|但并非每行都等于}其他行之和，仍与其他行一样计入；若确是合计，请用 --skip-when "{column}={words}" 排除',
  order_totals:
    "{file}：{all} 个多行订单中有 {count} 个各行的“{heading}”相同，且已逐行相加；若它是整单金额，加上 --amount-per order 则每单只计一次",
  totals_once:
    "{file}：{all} 个多行订单中有 {count} 个各行的“{heading}”相同，视为整单金额，每单只计一次；若它是每行金额，请加上 --amount-per row",
  totals_differ: "{file}：有 {count} 个订单各行的整单金额不同，以最后一行为准",
  rows_repeat: "{entity}：有 {count} 行在所读各列上与另一行完全相同，均计入",
  basket_rows_repeat:
    "{file}：有 {count} 行在所读各列上与另一行完全相同；同一商品在一个购物篮中只算一次，金额和数量则每行都计入",
  orders_split: "order_lines：有 {count} 个订单的明细分布在多个文件中，文件是否重叠？",
  lines_completed: "order_lines：有 {count} 行缺少客户或日期，已按同一订单号的其他行补上",
  numbers_again:
    "order_lines：有 {count} 个订单号在同一客户名下相隔超过 {days} 天再次出现，按每天一个订单计；若订单号每年重新编号或被截短，请导出带年份的完整订单号",
  baskets_again:
    "{file}：有 {count} 个购物篮编号相隔超过 {days} 天再次出现，按每位客户每天一个购物篮计；若编号每年重新编号或被截短，请导出带年份的完整编号",
  products_not_exported: "商品：有 {count} 种售出的商品不在其来源的商品导出中，类别、成本和库存未知",
  products_exported_elsewhere:
    "商品：有 {count} 种售出的商品不在其来源的商品导出中，类别、成本和库存未知；其中 {others} 个编号在另一来源的导出中，但不视为该来源的商品",
  baskets_shared:
    "{file}：有 {count} 个购物篮编号属于多位客户，按每位客户各一个购物篮计；若确是同一购物篮，请用 --basket 指定该列",
  baskets_together:
    "{file}：有 {count} 个购物篮属于多位客户，按 --basket 的指定保留；若应按客户分开，请把编号与客户合并为一列",
  baskets_long: "{file}：有 {count} 个购物篮的行相隔超过 {days} 天，按 --basket 的指定保留",
  keys_again:
    "{entity}：有 {count} 行因后面有同号的行而未采用，但后者属于另一客户或相隔超过 {days} 天；若编号重新起算，请把 {key} 映射为多列：编号和年份",
  no_rate:
    "有 {count} 种货币在首次使用时没有汇率：{which}；请在流水线中指定货币，并让汇率文件从该日或更早开始",
  no_rate_of_day: "{entity}：有 {count} 行的货币在当日没有汇率：{which}；请在汇率文件中补上",
  rate_not_positive: "汇率：有 {count} 个汇率为零或负数：{which}；请更正汇率文件",
  rows_read_twice: "{path}：有 {count} 行被映射中的多个条目读取，重复计入",
  no_rows: "{path}：只有标题行，没有数据；导出是否完整？",
  stale: "{source}：{entity}：{latest} 之后没有数据，距截止日期 {date} 有 {count} 天；是否重新导出过？",
  orders_without_amount:
    "订单：有 {count} 个订单既无明细也无金额，金额按零计：{which}；请导出明细，或映射 order_amount",
  returns_alone:
    "RFM：有 {count} 位客户只有退货而没有订单，不予评分，其退货（{money}）不计入任何合计；请一并导出被退的销售记录",
  consents_unread: "{file}：{column} 列有 {count} 行既非同意也非拒绝，按拒绝处理；请在 values 中映射这些值",
  consents_rejected: "{file}：有 {count} 行被剔除，其中若有拒绝联系的意愿则未被采纳；使用名单前请先更正",
  customers_untied:
    "{source}：共 {count} 位客户，没有一位与其他系统的客户对应；若有共同客户，请映射能对应的列：编号、邮箱、电话或税号",
  contacts_of_nobody:
    "联系记录：有 {count} 条不属于任何导出中的客户，其成本不计入任何客户：{which}；请导出这些活动和工单的客户",
  subscriptions_end_first: "订阅：有 {count} 个在开始之前就已结束，一概不计：{which}；请更正日期",
  subscriptions_no_end: "订阅：有 {count} 个已取消但不知何日，一概不计：{which}；请映射 cancelled_at",
  subscriptions_no_amount: "订阅：有 {count} 个没有价格或价格为负，一概不计：{which}；请更正价格",
  subscriptions_no_interval:
    "订阅：有 {count} 个的计价周期未知，一概不计：{which}；请把 interval 映射为 day、week、month、quarter 或 year",
  subscriptions_overlap:
    "订阅：有 {count} 个与同一客户同一套餐的较早订阅重叠，均计入：{which}；若为续订，请为较早的订阅补上结束日期",
  subscriptions_never_billed:
    "订阅：有 {count} 个应有收入，但超过 31 天没有任何发票：{which}；请完整导出发票，或检查开票",
  invoices_of_no_subscription: "发票：有 {count} 张所列订阅不在任何导出中：{which}；请完整导出订阅",
  refunds_of_nothing:
    "收付款：有 {count} 笔退款没有对应到订单或订阅的发票，未从任何金额中扣除：{which}；请映射收付款的 invoice_key 和发票的 order_key",
  refunds_of_no_order:
    "退款：有 {count} 个订单的退款未从任何金额中扣除，因为在截至日之前，相应客户没有计入该编号的订单：{which}；请导出这些订单，或用编号、邮箱、电话、税号把各系统的客户对应起来",
  invoices_of_no_order:
    "发票：发票所列的订单中有 {count} 个，在截至日之前，相应客户没有计入该编号的订单：{which}；请导出这些订单，或用编号、邮箱、电话、税号把各系统的客户对应起来",
  invoices_unlike_orders: "发票：有 {count} 个订单的开票金额与订单金额不同：{which}；请核对两份导出",
  condition_broken:
    "{relation}：有 {count} 行不符合规则“{condition}”：{which}；这不应由数据引起，请反馈给我们",
  key_repeats: "{file}：有 {count} 行的 {key} 与其他行重复，每行按一位客户计",
  key_missing: "{file}：有 {count} 行没有 {key}，以行号称呼",
  looks_like_lines:
    "{file}：看起来是每行一件商品、表头为 {headings} 的文件，却按每行一个购物篮读取；请去掉 --format baskets",
  headings_like_data: "{file}：第 {line} 行按表头读取，但看起来是数据；若确是数据，请在其上方加一行表头",
  flags_idle: "{file}：{flags} 不起作用，因为没有先后规则和推荐",
  never_split:
    "{file}：没有一行含有“{delimiter}”，每个购物篮只有一件商品；请用 --delimiter 指定商品之间的分隔符",
  rows_empty: "{file}：有 {count} 行没有商品，未采用",
  rows_unsplit: "{file}：有 {count} 行无法按列拆分，未采用（首处：第 {line} 行）",
  rows_misencoded: "{file}：有 {count} 行含有非 UTF-8 字节，未采用（首处：第 {line} 行）",
  rows_no_item: "{file}：有 {count} 行缺少商品，未采用（首处：第 {line} 行，“{column}”列）",
  rows_no_basket: "{file}：有 {count} 行缺少购物篮，未采用（首处：第 {line} 行，“{column}”列）",
  rows_no_customer: "{file}：有 {count} 行缺少客户，未采用（首处：第 {line} 行，“{column}”列）",
  rows_no_day: "{file}：有 {count} 行没有可读的日期，未采用（首处：第 {line} 行，“{column}”列{cell}）",
  rows_late: "{file}：有 {count} 行晚于截至日，未采用（首处：第 {line} 行，“{column}”列{cell}）",
  rows_returned: "{file}：有 {count} 行为退货，或金额、数量为零，不计入任何购物篮",
  rows_without_customer:
    "{file}：有 {count} 行缺少客户，只计入购物篮，不用于先后购买和推荐（首处：第 {line} 行，“{column}”列）",
  rows_without_day:
    "{file}：有 {count} 行没有可读的日期，只计入购物篮，不用于先后购买和推荐（首处：第 {line} 行，“{column}”列{cell}）",
  rows_unpriced: "{file}：有 {count} 行没有可读的金额，不用于推荐（首处：第 {line} 行，“{column}”列{cell}）",
  support_raised: "baskets：项集超出了 {budget} MB 的内存限额，门槛由 {asked} 个购物篮提高到 {count} 个",
  sets_shortened: "baskets：项集超出了 {budget} MB 的内存限额，每个项集最多含 {most} 种商品",
  offer_rules_too_large:
    "baskets：没有多商品规则产生推荐：其购物篮需要 {needed} MB，限额为 {budget} MB（memory_mb）",
  offer_rules_raised:
    "baskets：用于推荐的项集超出了 {budget} MB 的内存限额，门槛由 {asked} 个购物篮提高到 {count} 个",
  items_joined: "baskets：有 {count} 个商品的名称本身含有“ + ”（{one}）：组合中的商品也以此连接，无法区分",
  items_alike:
    "baskets：有 {count} 种商品与另一种只差大小写或空格（“{one}”与“{other}”）；写法统一之前各算一种",
  never_sold: "baskets {setting} {name}：从未售出",
  never_sold_as_spelt: "baskets {setting} {name}（→ {nearest}？）：从未售出",
  cells_unread: "{file}：{column} 有 {count} 个单元格不是数值，按缺失处理；第一个在表头下第 {row} 行",
};
