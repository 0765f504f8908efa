-- How customers had paid, as known on each snapshot of churn.
-- grain: customer_id, snapshot_date
-- payment_late_days: mean days from the due day to the payment, of invoices due in the last 365 days; negative when paid early; what is open is late until the snapshot
-- payment_late_days_90: of invoices due in the last 90 days
-- open_amount: invoiced by the snapshot and not paid in full; overdue_amount of that what was due before it
-- failed_payment_count: payments of the last 365 days that did not go through
with

snapshots as (
    select * from features.churn_snapshots
),

invoices as (
    select * from facts.invoice_settlements where not is_settled_on_unknown_day
),

lineage as (
    select * from unified.lineage where record_kind = 'customer'
),

payments as (
    select source, customer_key, day_of(paid_at) as payment_date
    from staged.payments
    where lower(status) in ('failed', 'declined', 'returned')
        and day_of(paid_at) <= (select as_of_date from run.settings)
),

known as (
    select
        invoices.customer_id,
        snapshots.snapshot_date,
        invoices.due_date,
        invoices.invoice_amount,
        coalesce(invoices.settled_date > snapshots.snapshot_date, 1 = 1) as is_open,
        days_between(
            invoices.due_date,
            case
                when invoices.settled_date <= snapshots.snapshot_date then invoices.settled_date
                else snapshots.snapshot_date
            end
        ) as late_days
    from invoices
    inner join snapshots
        on invoices.invoice_date <= snapshots.snapshot_date
        and place_by_hash(invoices.customer_id) < snapshots.sampled_places
),

paid as (
    select
        customer_id,
        snapshot_date,
        ratio(
            sum(case when is_within(due_date, snapshot_date, 365) then late_days end),
            count(case when is_within(due_date, snapshot_date, 365) then late_days end)
        ) as payment_late_days,
        ratio(
            sum(case when is_within(due_date, snapshot_date, 90) then late_days end),
            count(case when is_within(due_date, snapshot_date, 90) then late_days end)
        ) as payment_late_days_90,
        money_sum(case when is_open then invoice_amount else 0 end) as open_amount,
        money_sum(case when is_open and due_date < snapshot_date then invoice_amount else 0 end) as overdue_amount
    from known
    group by customer_id, snapshot_date
),

failed as (
    select
        lineage.customer_id,
        snapshots.snapshot_date,
        count(*) as failed_payment_count
    from payments
    inner join lineage
        on payments.source = lineage.source
        and payments.customer_key = lineage.record_key
    inner join snapshots
        on is_within(payments.payment_date, snapshots.snapshot_date, 365)
        and place_by_hash(lineage.customer_id) < snapshots.sampled_places
    group by lineage.customer_id, snapshots.snapshot_date
)

select
    coalesce(paid.customer_id, failed.customer_id) as customer_id,
    coalesce(paid.snapshot_date, failed.snapshot_date) as snapshot_date,
    paid.payment_late_days,
    paid.payment_late_days_90,
    paid.open_amount,
    paid.overdue_amount,
    to_integer(coalesce(failed.failed_payment_count, 0)) as failed_payment_count
from paid
full outer join failed
    on paid.customer_id = failed.customer_id
    and paid.snapshot_date = failed.snapshot_date
