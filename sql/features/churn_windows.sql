-- How long a silence may be before it is leaving: for each length, how many silences outlasted it, and how many of those ended with an order all the same.
-- grain: window_days
-- check: returned_count <= silence_count
-- silence_count: silences after a second or later purchase day of a customer that outlasted it so early that as much time again was left to come back
-- returned_count: of those, the silences that ended with an order within as long again
-- shorter_gap_rate: share of the gaps between purchase days that are no longer
-- is_possible: whether four such windows lie in the history: one to know customers by, two to learn from, one to try what was learnt
-- is_proposed: the shortest possible one that at most a tenth came back from, if 30 silences or more outlasted it; else the shortest possible that nine of ten gaps stay within; else the longest possible
with

settings as (
    select * from run.settings
),

order_days as (
    select customer_id, order_date
    from features.order_days
    where order_count > 0
        and annulled_date is null
),

lengths as (
    select 30 as window_days
    union all
    select 60 as window_days
    union all
    select 90 as window_days
    union all
    select 120 as window_days
    union all
    select 150 as window_days
    union all
    select 180 as window_days
    union all
    select 270 as window_days
    union all
    select 365 as window_days
    union all
    select 540 as window_days
    union all
    select 730 as window_days
),

samples as (
    select ceil(ratio(1000 * (select churn_sample_customers from settings), count(*))) as sampled_places
    from unified.customers
),

spans as (
    select
        as_of_date,
        days_between((select min(order_date) from order_days), as_of_date) as history_days
    from settings
),

silences as (
    select
        customer_id,
        order_date,
        row_number() over (partition by customer_id order by order_date) as place,
        lead(order_date) over (partition by customer_id order by order_date) as next_date
    from order_days
    where place_by_hash(customer_id) < (select sampled_places from samples)
),

counted as (
    select
        days_between(order_date, next_date) as gap_days,
        days_between(order_date, (select as_of_date from spans)) as known_days,
        count(*) as silence_count
    from silences
    where place > 1
    group by
        days_between(order_date, next_date),
        days_between(order_date, (select as_of_date from spans))
),

measured as (
    select
        lengths.window_days,
        sum(case
            when counted.known_days < 2 * lengths.window_days then 0
            when counted.gap_days <= lengths.window_days then 0
            else counted.silence_count
        end) as silence_count,
        sum(case
            when counted.known_days < 2 * lengths.window_days then 0
            when counted.gap_days between lengths.window_days + 1 and 2 * lengths.window_days then counted.silence_count
            else 0
        end) as returned_count,
        sum(case when counted.gap_days <= lengths.window_days then counted.silence_count else 0 end) as shorter_count,
        sum(case when counted.gap_days is not null then counted.silence_count else 0 end) as gap_count
    from counted
    cross join lengths
    group by lengths.window_days
),

judged as (
    select
        *,
        ratio(returned_count, silence_count) as return_rate,
        ratio(shorter_count, gap_count) as shorter_gap_rate,
        4 * window_days <= (select history_days from spans) as is_possible
    from measured
),

proposed as (
    select
        coalesce(
            min(case when is_possible and silence_count >= 30 and return_rate <= 0.1e0 then window_days end),
            min(case when is_possible and shorter_gap_rate >= 0.9e0 then window_days end),
            max(case when is_possible then window_days end),
            min(window_days)
        ) as window_days
    from judged
)

select
    to_integer(judged.window_days) as window_days,
    to_integer(judged.silence_count) as silence_count,
    to_integer(judged.returned_count) as returned_count,
    judged.return_rate,
    judged.shorter_gap_rate,
    judged.is_possible,
    judged.window_days = proposed.window_days as is_proposed
from judged
cross join proposed
order by judged.window_days
