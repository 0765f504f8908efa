-- Every currency that money comes in, and whether it can be converted on every day it is used.
-- grain: currency
-- check: has_rate
-- has_rate: without a currency of the pipeline amounts are taken as they stand, which only one currency allows
with

settings as (
    select * from run.settings
),

rates as (
    select * from facts.rates
),

orders as (
    select currency, order_date as used_date from staged.orders
),

order_lines as (
    select currency, order_date as used_date from staged.order_lines
),

payments as (
    select currency, day_of(paid_at) as used_date from staged.payments
),

used as (
    select currency, min(used_date) as first_used_date from orders group by currency
    union all
    select currency, min(used_date) as first_used_date from order_lines group by currency
    union all
    select currency, min(used_date) as first_used_date from payments group by currency
),

dated as (
    select upper(used.currency) as currency, used.first_used_date
    from used
    inner join settings
        on coalesce(used.first_used_date, settings.as_of_date) <= settings.as_of_date
),

counted as (
    select count(distinct currency) as currency_count from dated
),

known as (
    select currency, min(valid_from) as first_rate_date from rates group by currency
)

select
    dated.currency,
    min(dated.first_used_date) as first_used_date,
    coalesce(
        dated.currency = max((select currency from settings))
        or max((select currency from settings)) is null and max((select currency_count from counted)) = 1
        or min(known.first_rate_date) <= coalesce(min(dated.first_used_date), min(known.first_rate_date)),
        1 = 0
    ) as has_rate
from dated
left join known
    on dated.currency = known.currency
where dated.currency is not null
group by dated.currency
