-- How many customers each segment has, and how much money they brought.
-- grain: segment
with

members as (
    select * from results.segment_members where segment is not null
),

counted as (
    select
        segment,
        count(*) as customer_count,
        sum(total_amount) as total_amount
    from members
    group by segment
)

select
    segment,
    to_integer(customer_count) as customer_count,
    total_amount,
    ratio(customer_count, (select count(*) from members)) as customer_rate,
    ratio(total_amount, (select sum(total_amount) from members)) as amount_rate
from counted
order by segment
