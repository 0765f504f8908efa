-- Customers who are silent for longer than they ever use to be: no order, or no word from one who used to write or call.
-- grain: customer_id, alert_kind
-- check: silent_days > usual_days
-- alert_kind: orders_late or contact_silence
-- silent_days: since the last purchase day, or the last contact or case of the customer's own making
-- usual_days: what 95 of 100 of the own gaps, of which there must be four, stay within: their quantile, or mean and 1.645 standard deviations where that is more
-- first_seen_date: the first day beyond
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

contact_days as (
    select customer_id, activity_date as contact_date from facts.activities where made_by = 'customer'
    union
    select customer_id, opened_date as contact_date from facts.cases
),

signs as (
    select customer_id, 'orders_late' as alert_kind, order_date as sign_date from order_days
    union all
    select customer_id, 'contact_silence' as alert_kind, contact_date as sign_date from contact_days
),

gaps as (
    select
        customer_id,
        alert_kind,
        sign_date,
        days_between(
            lag(sign_date) over (partition by customer_id, alert_kind order by sign_date),
            sign_date
        ) as gap_days
    from signs
),

rhythms as (
    select
        customer_id,
        alert_kind,
        max(sign_date) as last_date,
        quantile_at(gap_days, 0.95e0) as quantile_days,
        ratio(sum(gap_days), count(gap_days)) as mean_days,
        sqrt(greatest(0e0, to_number(
            count(gap_days) * sum(gap_days * gap_days) - sum(gap_days) * sum(gap_days)
        )) / (to_number(count(gap_days)) * to_number(count(gap_days) - 1))) as deviation_days
    from gaps
    group by customer_id, alert_kind
    having count(gap_days) >= 4
),

limits as (
    select
        customer_id,
        alert_kind,
        last_date,
        to_integer(ceil(greatest(quantile_days, mean_days + 1.645e0 * deviation_days))) as usual_days,
        to_integer(days_between(last_date, (select as_of_date from settings))) as silent_days
    from rhythms
)

select
    customer_id,
    alert_kind,
    last_date,
    silent_days,
    usual_days,
    days_before(last_date, - (usual_days + 1)) as first_seen_date
from limits
where silent_days > usual_days
