-- Every subscription that had begun by the as-of date, what it brings a month in the pipeline's currency, and how long it has run, as known then.
-- grain: source, subscription_key
-- check: is_converted
-- warn: is_end_after_start
-- warn: has_end
-- warn: has_amount
-- warn: has_interval
-- warn: is_apart
-- subscription_id: stands for source and key
-- plan_name: empty when the export has none
-- end_date: the day it was cancelled; empty while it runs, which a cancellation after the as-of date does not change
-- interval_days: from one renewal to the next, a month being a twelfth of 365.2425 days
-- monthly_amount: the price by the month, converted at the rate of the as-of date so that no rate looks like a change of price; empty where it cannot be known
-- is_end_after_start: false when it was cancelled before it began; such a one counts nowhere
-- has_end: false when it is cancelled and nothing says since when; such a one counts nowhere
-- has_amount: false without a price or with one below zero; such a one counts nowhere
-- has_interval: false when the price is for no known interval; such a one counts nowhere
-- is_apart: false when it overlaps an earlier one of the same customer and plan; both count
-- is_trial: brings nothing yet and counts nowhere
-- is_counted: true where nothing of the above stands against it
-- is_active: runs on the as-of date
-- is_replaced: another one of the customer began within 7 days of its end and lasted longer: the contract changed and the customer stayed
-- is_censored: its life is not over as far as is known: it runs, or it was replaced
with

settings as (
    select * from run.settings
),

rates as (
    select * from facts.rates where (select as_of_date from settings) between valid_from and valid_to
),

lineage as (
    select * from unified.lineage where record_kind = 'customer'
),

subscriptions as (
    select * from staged.subscriptions where start_date <= (select as_of_date from settings)
),

read as (
    select
        *,
        case
            when cancelled_at is not null and cancelled_at <= (select as_of_date from settings) then cancelled_at
            when cancelled_at is null and status = 'cancelled' and current_period_end <= (select as_of_date from settings)
                then current_period_end
        end as end_date,
        case
            when (select currency from settings) is not null
                then nullif(upper(currency), (select currency from settings))
        end as foreign_currency,
        case
            when lower(subscriptions.interval) in ('day', 'daily', '日', '天') then 1e0
            when lower(subscriptions.interval) in ('week', 'weekly', '周') then 7e0
            when lower(subscriptions.interval) in ('month', 'monthly', '月') then days_a_month()
            when lower(subscriptions.interval) in ('quarter', 'quarterly', '季', '季度') then 3 * days_a_month()
            when lower(subscriptions.interval) in ('half_year', 'half-yearly', '半年') then 6 * days_a_month()
            when lower(subscriptions.interval) in ('year', 'yearly', 'annual', 'annually', '年') then 12 * days_a_month()
        end as interval_days
    from subscriptions
),

priced as (
    select
        read.*,
        lineage.customer_id,
        read.foreign_currency is null or rates.rate is not null as is_converted,
        case
            when read.amount < 0 then null
            when rates.rate is null then to_money(read.amount * days_a_month() / read.interval_days)
            else to_money(to_number(read.amount * rates.rate) * days_a_month() / read.interval_days)
        end as monthly_amount,
        coalesce(read.end_date >= read.start_date, 1 = 1) as is_end_after_start,
        coalesce(read.status, '') <> 'cancelled'
            or coalesce(read.cancelled_at, read.current_period_end) is not null as has_end,
        coalesce(read.amount >= 0, 1 = 0) as has_amount,
        read.interval_days is not null as has_interval,
        coalesce(read.status, '') = 'trial' as is_trial
    from read
    inner join lineage
        on read.source = lineage.source
        and read.customer_key = lineage.record_key
    left join rates
        on read.foreign_currency = rates.currency
),

judged as (
    select
        *,
        is_end_after_start and has_end and has_amount and has_interval and not is_trial as is_counted,
        coalesce(end_date, date '2999-12-31') as last_date
    from priced
),

replaced as (
    select distinct
        ended.source,
        ended.subscription_key
    from judged as ended
    inner join judged as successors
        on ended.customer_id = successors.customer_id
        and successors.start_date between days_before(ended.end_date, 7) and days_before(ended.end_date, -7)
        and successors.start_date > ended.start_date
        and successors.last_date > ended.end_date
    where ended.is_counted
        and successors.is_counted
),

ordered as (
    select
        *,
        max(case when is_counted then last_date end) over (
            partition by customer_id, plan
            order by start_date, source, subscription_key
            rows between unbounded preceding and 1 preceding
        ) as last_date_before
    from judged
)

select
    key_hash(ordered.source, 'subscription', ordered.subscription_key) as subscription_id,
    ordered.source,
    ordered.subscription_key,
    ordered.customer_id,
    coalesce(ordered.plan, '') as plan_name,
    ordered.start_date,
    ordered.end_date,
    ordered.interval_days,
    ordered.monthly_amount,
    ordered.is_converted,
    ordered.is_end_after_start,
    ordered.has_end,
    ordered.has_amount,
    ordered.has_interval,
    ordered.is_trial,
    not ordered.is_counted or coalesce(ordered.last_date_before <= ordered.start_date, 1 = 1) as is_apart,
    ordered.is_counted,
    ordered.is_counted and ordered.end_date is null as is_active,
    replaced.subscription_key is not null as is_replaced,
    ordered.end_date is null or replaced.subscription_key is not null as is_censored,
    to_integer(days_between(ordered.start_date, coalesce(ordered.end_date, (select as_of_date from settings)))) as tenure_days,
    to_integer(days_between(ordered.start_date, (select as_of_date from settings))) as age_days
from ordered
left join replaced
    on ordered.source = replaced.source
    and ordered.subscription_key = replaced.subscription_key
