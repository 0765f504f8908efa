-- The customers worth most as the report shows them: names of persons masked unless the pipeline says otherwise.
-- grain: customer_id
-- value_rank: 1 is worth most
with

settings as (
    select * from run.settings
),

value as (
    select * from results.value
),

customers as (
    select * from unified.customers
),

best as (
    select * from value
    order by lifetime_value desc, total_amount desc, customer_id
    limit 1000
),

ranked as (
    select
        *,
        row_number() over (order by lifetime_value desc, total_amount desc, customer_id) as value_rank
    from best
)

select
    ranked.customer_id,
    to_integer(ranked.value_rank) as value_rank,
    customers.customer_key,
    shown_name(
        customers.customer_name,
        customers.customer_kind,
        (select mask_names from settings)
    ) as customer_name,
    ranked.tier,
    ranked.state,
    ranked.order_count,
    ranked.total_amount,
    round(ranked.alive_probability, 4) as alive_probability,
    round(ranked.expected_order_count, 2) as expected_order_count,
    ranked.mean_order_amount,
    ranked.next_order_date,
    ranked.lifetime_value,
    ranked.lifetime_value_low,
    ranked.lifetime_value_high
from ranked
inner join customers
    on ranked.customer_id = customers.customer_id
order by ranked.value_rank
