import { IS_SALE } from "./basket-rejects.js";
import type { RelationName } from "./relation.js";

/** Every item sold, with what it is called and the label that tells it apart. */
export const ITEM_NAMES: RelationName = "staged.basket_names";

/** An item is called as most of its sales call it, else by its code; where several are called so, with the code behind. */
export const itemNamesSql = (cells: RelationName) => `with named as (
    select item, item_name, row_number() over (partition by item order by
      case when item_name is null then 1 else 0 end, count(*) desc, item_name) as place
    from ${cells} where ${IS_SALE} group by item, item_name
  ),
  called as (select item, coalesce(item_name, item) as item_name from named where place = 1)
  select item, item_name, case when count(*) over (partition by item_name) = 1 then item_name
      else item_name || ' (' || item || ')' end as item_label
    from called`;
