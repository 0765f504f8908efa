-- The months whose recurring revenue an invoice covers: it covers its subscription's interval from its date and a week more, or until the next invoice.
-- grain: subscription_id, first_month
-- check: first_month < end_month
-- first_month: by the numbers of facts.recurring_months
-- end_month: the first month whose last day it covers no more
-- monthly_amount: the price of the subscription by the month
-- billed_amount: what the invoice charges by the month; several of one day are one
with

settings as (
    select * from run.settings
),

months as (
    select * from facts.recurring_months
),

spans as (
    select * from features.subscription_spans
),

invoices as (
    select * from facts.subscription_invoices where has_subscription
),

charges as (
    select
        subscription_id,
        invoice_date,
        money_sum(invoice_amount) as invoice_amount
    from invoices
    group by subscription_id, invoice_date
),

followed as (
    select
        *,
        lead(invoice_date) over (partition by subscription_id order by invoice_date) as next_date
    from charges
    where invoice_amount > 0
),

covers as (
    select
        spans.subscription_id,
        spans.monthly_amount,
        spans.first_month,
        spans.end_month,
        to_money(followed.invoice_amount * days_a_month() / spans.interval_days) as billed_amount,
        followed.invoice_date,
        least(
            coalesce(followed.next_date, date '2999-12-31'),
            days_before(followed.invoice_date, -(spans.interval_days + 8))
        ) as uncovered_date
    from followed
    inner join spans
        on followed.subscription_id = spans.subscription_id
),

clipped as (
    select
        subscription_id,
        monthly_amount,
        billed_amount,
        to_integer(greatest(
            first_month,
            months_between((select min(month_start) from months), invoice_date) + 1
        )) as first_month,
        to_integer(least(
            end_month,
            case
                when uncovered_date > (select as_of_date from settings) then end_month
                else months_between((select min(month_start) from months), uncovered_date) + 1
            end
        )) as end_month
    from covers
)

select
    subscription_id,
    first_month,
    end_month,
    monthly_amount,
    billed_amount
from clipped
where first_month < end_month
