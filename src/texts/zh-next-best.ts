import type { nextBest as english } from "./en-next-best.js";

/** 中文文本：下一步向每位客户推荐什么。 */
export const nextBest: typeof english = {
  answer: {
    model:
      "{count} 位客户有下一步推荐的产品，{worth}合计 {money}。在最近 {days} 天的回测中，每百位客户比此前表现更好的简单做法（{rival}）多带来 {gain}。",
    popular:
      "{count} 位客户有下一步推荐的产品，{worth}合计 {money}。无法确定学到的规律比畅销品赚得更多，因此推荐畅销品。",
    repeats:
      "{count} 位客户有下一步推荐的产品，{worth}合计 {money}。无法确定学到的规律比客户自己最常买的产品赚得更多，因此推荐后者。",
    untried: "{count} 位客户有下一步推荐的产品：历史太短，无法检验其他做法，因此推荐畅销品。",
    unchosen:
      "{count} 位客户有下一步推荐的产品：历史太短，无法先在一个时期上选择、再在另一个时期上检验其他做法，因此推荐畅销品。",
    noCustomers: "无法向任何人推荐产品：数据中没有带日期的客户。",
    soFar:
      "{count} 位客户有下一步推荐的产品：至今买过的客户最多的产品，因为至少要有 {least} 天的历史才能学习并检验推荐。",
    missing: "没有推荐：文件中缺少{columns}列。",
    missingLines: "没有推荐：每行一个购物篮的文件不记录谁在何时购买。",
  },
  answerUnpriced: {
    model:
      "{count} 位客户有下一步推荐的产品。在最近 {days} 天的回测中，每百位客户比此前表现更好的简单做法（{rival}）多买 {gain} 次。",
    popular: "{count} 位客户有下一步推荐的产品。无法确定学到的规律比畅销品更常被购买，因此推荐畅销品。",
    repeats:
      "{count} 位客户有下一步推荐的产品。无法确定学到的规律比客户自己最常买的产品更常被购买，因此推荐后者。",
  },
  worth: { margin: "预期毛利", revenue: "预期收入" },
  revenueColumns: { expected_margin: "预期收入", margin: "每百位客户收入" },
  missingColumns: { customer: "客户（--customer 列名）", date: "日期（--date 列名）" },
  missingJoint: "和",
  contenders: { model: "学到的规律", popular: "畅销品", repeats: "客户最常买的产品" },
  grade: "推荐评级",
  gradeOfLearnt: "所学模型的评级（未用于推荐）",
  gradeNote: "按金额，五个推荐，对比{rival}",
  gradeNoteUnpriced: "按购买次数，五个推荐，对比{rival}",
  gradeNone: "未检验",
  hits: "买了五个推荐之一",
  hitsNote: "{shipped}：{low} 至 {high}；{beside}：{other}；检验日 {date}",
  customers: "有推荐的客户",
  customersNote: "第一推荐的{worth} {money}；其中允许联系的 {count} 位客户为 {permitted}",
  customersNoteFile: "第一推荐的{worth} {money}",
  reasons: {
    after:
      "于 {date} 购买了{first}；此类客户中有 {share} 在 {days} 天内购买{product}，是平均水平的 {lift} 倍",
    rule: "已购买{all}；此类客户中有 {share} 在 {days} 天内购买{product}，是平均水平的 {lift} 倍",
    again:
      "已购买 {count} 次，最近一次为 {date}；该产品的复购有一半发生在 {gap} 天内；此类客户中有 {share} 在 {days} 天内再次购买",
    once: "于 {date} 购买过；此类客户中有 {share} 在 {days} 天内再次购买",
    popular: "购买频率相近、既未买过它也未买过会带动它的产品的客户中有 {share} 在 {days} 天内购买",
    others: "购买频率相近、未买过它的客户中有 {share} 在 {days} 天内购买",
    anybody: "购买频率相近的客户中有 {share} 在 {days} 天内购买",
    soFar: "全部客户中有 {share} 至今买过",
  },
  growth: {
    upSell: "已有“{product}”；其 {count} 位买家中有 {moved} 位升级到“{next}”",
    crossUnit:
      "主要购买{kind}“{main}”的客户中有 {share} 也购买“{other}”；该客户在此的消费不到通常水平的四分之一",
    crossUnitNone: "主要购买{kind}“{main}”的客户中有 {share} 也购买“{other}”；该客户 12 个月来未在此购买",
  },
  pairJoint: "和",
  kinds: { after: "搭配", rule: "组合搭配", again: "该再买了", popular: "畅销" },
  action: "推荐该产品；若被拒绝，推荐下一个",
  list: "向谁推荐什么",
  listCaption:
    "每位客户的第一推荐，{worth}高者在前。完整名单（含获准的联系方式）：crm-analyze list next-best。",
  listCaptionFile: "每位客户的第一推荐，{worth}高者在前。完整名单：next-best.csv。",
  listCaptionUnpriced: "每位客户的第一推荐，概率高者在前。完整名单：next-best.csv。",
  trial: "用最近 {days} 天检验",
  trialCaption:
    "推荐只依据 {date} 当天已知的情况；由其后 {days} 天内的购买来评判。三种做法都按金额排序，客户最常购买的产品以购买次数计。区间为 95%。",
  trialCaptionUnpriced:
    "推荐只依据 {date} 当天已知的情况；由其后 {days} 天内的购买来评判。三种做法都按概率排序，客户最常购买的产品以购买次数计。区间为 95%。",
  purchases: "每百位客户购买次数",
  curve: "买了推荐之一的客户",
  curveCaption: "检验日 {date}，看其后 {days} 天。",
  rhythms: "会再次购买的产品",
  rhythmsCaption: "同一客户两次购买该产品之间的天数：四分之一、一半、四分之三的间隔短于此。",
  upSell: "向上销售",
  upSellCaption: "客户在某品类中买过的最贵产品，许多买家后来升级。完整名单：crm-analyze list up-sell。",
  crossUnit: "此处少，彼处多",
  crossUnitCaption:
    "主要{unit}相同的客户中，消费不到通常水平四分之一的客户。完整名单：crm-analyze list cross-unit。",
  units: { category: "品类", brand: "品牌" },
  columns: {
    call_rank: "联系次序",
    customer_id: "客户 ID",
    customer_key: "客户编号",
    customer_name: "客户",
    masked_name: "客户",
    offer_rank: "次序",
    product_key: "产品代码",
    product_name: "产品",
    category: "品类",
    kind: "类型",
    kind_label: "类型",
    probability: "概率",
    expected_margin: "预期毛利",
    reason: "理由",
    product_2: "第二推荐",
    product_3: "第三推荐",
    suggested_action: "建议行动",
    owner_name: "负责人",
    permitted_channels: "获准渠道",
    email_contact: "邮件联系人",
    email_address: "电子邮件",
    phone_contact: "电话联系人",
    phone_number: "电话",
    sms_contact: "短信联系人",
    sms_number: "短信号码",
    mail_contact: "信函联系人",
    mail_city: "城市",
    contender: "做法",
    offer_count: "推荐数",
    hit_rate: "买了其一",
    hit_low: "下限",
    hit_high: "上限",
    margin: "每百位客户毛利",
    margin_low: "下限",
    margin_high: "上限",
    expected_count: "预测购买数",
    came_count: "实际购买数",
    buyer_count: "买家",
    rebuyer_count: "再次购买",
    rebuyer_share: "占比",
    gap_count: "间隔数",
    low_gap_days: "四分之一",
    median_gap_days: "一半",
    high_gap_days: "四分之三",
    up_sell_rank: "次序",
    next_name: "升级为",
    unit_price: "单价",
    next_unit_price: "升级后单价",
    moved_count: "已升级",
    moved_share: "升级占比",
    cross_unit_rank: "次序",
    main_unit: "主要单元",
    main_amount: "主要单元 12 个月消费",
    unit: "消费少的单元",
    unit_amount: "12 个月消费",
    expected_amount: "通常水平",
    missing_amount: "差额",
    peer_share: "同类客户购买占比",
  },
  notes: {
    probability:
      "概率是处于同样情形的客户在 {days} 天内购买的占比，样本少时向平均水平收缩。它不等于推荐带来的增量：有些客户本来就会购买。",
    exclusions:
      "不推荐：客户退过的、停售的、缺货的、设置中排除的、几乎每次都买的，以及一年内无人购买的产品。导出文件中没有拒绝记录。",
    without:
      "{of} 位客户中有 {count} 位没有推荐：对他们而言，以此方式（{way}）可推荐的产品在 {days} 天内被购买的概率均不到 {least}。",
    unpriced: "文件中没有金额：推荐按概率排序，按购买次数评级。",
    revenue: "成本均未知，因此金额为收入。",
    meanRate: "成本未知的产品：{count} 个。其预期毛利按销售额乘以其他产品的平均毛利率 {rate} 计算。",
    choice:
      "推荐的做法根据 {date} 之后的 {days} 天选定：{chosen}。所示数字取自其后的 {days} 天，未据此作任何选择。",
    overruled:
      "在 {date} 之后的 {days} 天里，学到的规律确定比{rival}带来更多；在其后的 {days} 天里则不然，因此推荐{rival}。",
    unchosen: "历史太短，无法在早于所报告时期的另一个时期上选择：默认推荐畅销品，学到的规律与之比较。",
    asPredicted:
      "按每位客户五个推荐计，{date} 之后的 {days} 天预测 {expected} 次购买，实际 {came} 次：差别不超出偶然。",
    fewer:
      "按每位客户五个推荐计，{date} 之后的 {days} 天预测 {expected} 次购买，实际 {came} 次，少 {gap}：概率及其乘积应视为偏高这么多。",
    more: "按每位客户五个推荐计，{date} 之后的 {days} 天预测 {expected} 次购买，实际 {came} 次，多 {gap}：概率及其乘积应视为偏低这么多。",
    sample:
      "在 {count} 位客户中按哈希抽取 {share} 用于学习和检验；其中 {tried} 位在 {date} 之前有过购买，检验的各项计数均只涉及他们。",
  },
};
