-- What each customer had contributed in the twelve months before each snapshot of churn, as known then: what is at stake with the customer.
-- grain: customer_id, snapshot_date
-- contribution_amount: as in features.contribution, but that refunds count once they were made, and late payments only today
with

snapshots as (
    select * from features.churn_snapshots
),

contributions as (
    select customer_id, document_kind, document_date, contribution_amount
    from facts.contributions
),

orders as (
    select customer_id, order_date, refund_amount, refund_date
    from facts.orders
    where refund_amount > 0
        and not is_cancelled
),

amounts as (
    select
        contributions.customer_id,
        snapshots.snapshot_date,
        contributions.contribution_amount
    from contributions
    inner join snapshots
        on contributions.document_date > months_before(snapshots.snapshot_date, 12)
        and contributions.document_date <= snapshots.snapshot_date
        and place_by_hash(contributions.customer_id) < snapshots.sampled_places
    where contributions.document_kind <> 'late_payment'
        or snapshots.purpose = 'score'
    union all
    select
        orders.customer_id,
        snapshots.snapshot_date,
        orders.refund_amount as contribution_amount
    from orders
    inner join snapshots
        on orders.order_date > months_before(snapshots.snapshot_date, 12)
        and orders.order_date <= snapshots.snapshot_date
        and orders.refund_date > snapshots.snapshot_date
        and place_by_hash(orders.customer_id) < snapshots.sampled_places
)

select
    customer_id,
    snapshot_date,
    money_sum(contribution_amount) as contribution_amount
from amounts
group by customer_id, snapshot_date
