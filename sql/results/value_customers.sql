-- The rows of value.csv: what each customer is worth beside the keys and names that people know.
-- grain: customer_id
with

value as (
    select * from results.value
),

customers as (
    select * from unified.customers
)

select
    value.customer_id,
    customers.customer_key,
    customers.customer_name,
    value.order_count,
    value.total_amount,
    value.contribution_amount,
    round(value.alive_probability, 4) as alive_probability,
    round(value.expected_order_count, 4) as expected_order_count,
    value.expected_order_count_low,
    value.expected_order_count_high,
    value.mean_order_amount,
    value.next_order_date,
    value.order_value,
    value.recurring_value,
    value.lifetime_value,
    value.lifetime_value_low,
    value.lifetime_value_high,
    value.tier,
    value.state,
    value.tier_rests_on
from value
inner join customers
    on value.customer_id = customers.customer_id
