-- Customers and their money of all history, by the first rule that fits them.
-- grain: rule
with

rules as (
    select customer_id, rule from results.segment_rules
),

segments as (
    select customer_id, total_amount from features.segments
)

select
    rules.rule,
    count(*) as customer_count,
    money_sum(segments.total_amount) as total_amount
from rules
inner join segments
    on rules.customer_id = segments.customer_id
group by rules.rule
