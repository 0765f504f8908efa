import type { Texts } from "./index.js";

/** 警告；键与英文完全相同。 */
export const warnings: Texts["warnings"] = {
  noFile: "{path}：没有该文件，已跳过",
  noColumn: "{where}：没有“{heading}”列，{column} 留空",
  sameBytes: "{path}：与 {earlier} 内容完全相同，不重复计算（{count} 行）",
  future: "{entity}：有 {count} 行日期晚于 {date}，未采用",
  doubtfulDate: "截至日为 {date}，即最晚的订单，但其前一笔在 {before}：日期是否有误？可用 --as-of 指定",
  repeats: "{entity}：有 {count} 行在所读各列上与另一行完全相同，均计入",
  split: "order_lines：有 {count} 个订单的明细分布在多个文件中，文件是否重叠？",
  breaks: "{relation}：有 {count} 行不满足“{condition}”：{which}",
  break: "{relation}：有 {count} 行不满足“{condition}”：{which}",
  keyRepeats: "{file}：有 {count} 行的 {key} 与其他行重复，每行按一位客户计",
  keyMissing: "{file}：有 {count} 行没有 {key}，以行号称呼",
  cellsUnread: "{file}：{column} 有 {count} 个单元格不是数值，按缺失处理；第一个在表头下第 {row} 行",
};
