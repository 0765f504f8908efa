-- What a unit of each foreign currency is worth in the pipeline's, and from when to when.
-- grain: currency, valid_from
-- check: rate > 0
-- valid_to: the day before the next rate; the last rate stands until told otherwise
with

rates as (
    select * from staged.rates
),

dated as (
    select
        upper(currency) as currency,
        rate_date as valid_from,
        rate,
        lead(rate_date) over (partition by upper(currency) order by rate_date) as next_date
    from rates
)

select
    currency,
    valid_from,
    coalesce(days_before(next_date, 1), date '2999-12-31') as valid_to,
    rate
from dated
