-- Invoices whose payment is, or was, much later than the customer uses to pay.
-- grain: invoice_id
-- check: late_days > usual_late_days
-- late_days: from the due day to the payment, or to the as-of date
-- usual_late_days: mean of the customer's invoices that were settled by the due day, of which there must be three; without them 0
-- first_seen_date: the first day beyond the usual and 14 days, or two standard deviations where that is more; without three settled before, beyond 30 days
-- is_open: not paid by the as-of date, and still expected
with

settings as (
    select * from run.settings
),

invoices as (
    select
        invoice_id,
        customer_id,
        due_date,
        invoice_amount,
        is_written_off,
        settled_date,
        coalesce(settled_date > (select as_of_date from run.settings), 1 = 1) and not is_written_off as is_open,
        to_number(days_between(due_date, least(coalesce(settled_date, date '2999-12-31'), (select as_of_date from run.settings)))) as late_days
    from facts.invoice_settlements
    where not is_settled_on_unknown_day
        and due_date <= (select as_of_date from run.settings)
),

events as (
    select
        customer_id,
        settled_date as event_date,
        0 as place,
        case when 1 = 0 then invoice_id end as invoice_id,
        cast(late_days as bigint) as settled_late_days
    from invoices
    where not is_open
        and not is_written_off
    union all
    select
        customer_id,
        due_date,
        1,
        invoice_id,
        cast(null as bigint)
    from invoices
),

known as (
    select
        invoice_id,
        count(settled_late_days) over (
            partition by customer_id
            order by event_date, place, invoice_id
            rows unbounded preceding
        ) as before_count,
        sum(settled_late_days) over (
            partition by customer_id
            order by event_date, place, invoice_id
            rows unbounded preceding
        ) as before_sum,
        sum(settled_late_days * settled_late_days) over (
            partition by customer_id
            order by event_date, place, invoice_id
            rows unbounded preceding
        ) as before_square_sum
    from events
),

compared as (
    select
        invoices.*,
        known.before_count,
        known.before_sum,
        known.before_square_sum
    from invoices
    inner join known
        on invoices.invoice_id = known.invoice_id
),

measured as (
    select
        *,
        case when before_count >= 3 then ratio(before_sum, before_count) else 0e0 end as usual_late_days,
        case
            when before_count >= 3 then sqrt(greatest(0e0, to_number(
                before_count * before_square_sum - before_sum * before_sum
            )) / (to_number(before_count) * to_number(before_count - 1)))
        end as deviation_days
    from compared
),

limits as (
    select
        *,
        case
            when before_count >= 3 then floor(usual_late_days + greatest(14e0, 2e0 * deviation_days))
            else 30e0
        end as limit_days
    from measured
)

select
    invoice_id,
    customer_id,
    invoice_amount,
    late_days,
    usual_late_days,
    days_before(due_date, - (limit_days + 1)) as first_seen_date,
    is_open
from limits
where late_days > limit_days
