-- Every break in a customer's own pattern that the exports show, with the day it was first visible.
-- grain: customer_id, alert_kind, first_seen_date
-- alert_kind: orders_late, slowdown, usage, payments, contact_silence or complaints
-- size: days without an order or contact, purchase days of late, use of 30 days, days an invoice is late, complaints in 90 days
-- usual: the same, as it used to be; for silences the longest that is usual
-- is_standing: not over by the as-of date; of complaints and of invoices paid since, whether it was first visible in the last 90 days
with

settings as (
    select * from run.settings
),

silences as (
    select * from features.alert_silences
),

slowdowns as (
    select * from features.alert_slowdowns
),

usage as (
    select * from features.alert_usage
),

payments as (
    select * from features.alert_payments
),

complaints as (
    select * from features.alert_complaints
),

signals as (
    select customer_id, alert_kind, first_seen_date, to_number(silent_days) as size, to_number(usual_days) as usual, 1 = 1 as is_standing
    from silences
    union all
    select customer_id, 'slowdown' as alert_kind, first_seen_date, to_number(recent_count) as size, usual_count as usual, 1 = 1 as is_standing
    from slowdowns
    union all
    select customer_id, 'usage' as alert_kind, first_seen_date, usage_30_days as size, usual_usage as usual, 1 = 1 as is_standing
    from usage
    union all
    select customer_id, 'payments' as alert_kind, first_seen_date, late_days as size, usual_late_days as usual, is_open as is_standing
    from payments
    union all
    select customer_id, 'complaints' as alert_kind, first_seen_date, to_number(complaint_count) as size, usual_count as usual, 1 = 0 as is_standing
    from complaints
)

select
    customer_id,
    alert_kind,
    first_seen_date,
    max(size) as size,
    min(usual) as usual,
    max(case when is_standing or is_within(first_seen_date, (select as_of_date from settings), 90) then 1 else 0 end) = 1 as is_standing
from signals
where first_seen_date <= (select as_of_date from settings)
group by customer_id, alert_kind, first_seen_date
