-- The days on which customers bought anything.
-- grain: customer_id, order_date
with

purchases as (
    select customer_id, order_date from features.next_best_purchases
)

select
    customer_id,
    order_date
from purchases
group by customer_id, order_date
