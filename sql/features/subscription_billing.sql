-- Whether billing invoices each subscription that brings money.
-- grain: source, subscription_key
-- warn: not is_never_billed
-- is_linked: as in features.subscription_spans
-- is_never_billed: no invoice in more than 31 days
-- is_billing_stopped: it runs, was invoiced once, and the last invoice covers the as-of date no more
-- is_within_month: began and ended within a month, and so is in no month's recurring revenue
-- missing_amount: its price for the time it has run, or for the time since the last invoice ran out
with

settings as (
    select * from run.settings
),

subscriptions as (
    select * from facts.subscriptions where is_counted and monthly_amount > 0
),

invoices as (
    select * from facts.subscription_invoices where has_subscription
),

spans as (
    select * from features.subscription_spans
),

charged as (
    select
        subscription_id,
        count(*) as invoice_count,
        money_sum(invoice_amount) as invoiced_amount,
        max(invoice_date) as last_invoice_date
    from invoices
    group by subscription_id
),

joined as (
    select
        subscriptions.*,
        spans.is_linked,
        coalesce(charged.invoice_count, 0) as invoice_count,
        coalesce(charged.invoiced_amount, 0) as invoiced_amount,
        charged.last_invoice_date,
        spans.first_month = spans.end_month as is_within_month,
        days_between(charged.last_invoice_date, (select as_of_date from settings)) - subscriptions.interval_days as late_days
    from subscriptions
    inner join spans
        on subscriptions.subscription_id = spans.subscription_id
    left join charged
        on subscriptions.subscription_id = charged.subscription_id
),

judged as (
    select
        *,
        is_linked and invoice_count = 0 and tenure_days > 31 as is_never_billed,
        is_linked and is_active and coalesce(late_days > 7, 1 = 0) as is_billing_stopped
    from joined
)

select
    source,
    subscription_key,
    subscription_id,
    customer_id,
    plan_name,
    start_date,
    end_date,
    monthly_amount,
    to_integer(invoice_count) as invoice_count,
    invoiced_amount,
    last_invoice_date,
    is_within_month,
    is_linked,
    is_never_billed,
    is_billing_stopped,
    case
        when is_never_billed then to_money(monthly_amount * tenure_days / days_a_month())
        when is_billing_stopped then to_money(monthly_amount * late_days / days_a_month())
        else 0
    end as missing_amount
from judged
