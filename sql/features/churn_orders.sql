-- How each customer had ordered, as known on each snapshot of churn.
-- grain: customer_id, snapshot_date
-- check: order_day_count >= 1
-- order_day_count: days with a purchase that was not known to be taken back whole, as in all counts of orders here
-- mean_gap_days: from one purchase day to the next
-- gap_deviation_days: their standard deviation
-- longest_gap_days: the longest silence the customer came back from
-- last_year_order_count: purchase days in the time as long as the window that began a year before the snapshot
-- purchase_amount: of purchases alone, before anything was given back; order_amount is net
-- return_amount: what came back in the last 365 days, as are discounts and refunds without a return
with

snapshots as (
    select * from features.churn_snapshots
),

definition as (
    select * from features.churn_definition
),

order_days as (
    select
        customer_id,
        order_date,
        order_count,
        purchase_amount,
        order_amount,
        annulled_date,
        place_by_hash(customer_id) as hash_place
    from features.order_days
),

adjustments as (
    select
        customer_id,
        document_date,
        discount_amount,
        case when document_kind = 'return' then - net_amount else 0 end as return_amount,
        0 as concession_amount
    from facts.contributions
    where document_kind in ('order', 'return')
        and (discount_amount <> 0 or document_kind = 'return')
    union all
    select
        customer_id,
        refund_date as document_date,
        0 as discount_amount,
        0 as return_amount,
        refund_amount as concession_amount
    from facts.orders
    where refund_amount > 0
),

days as (
    select
        order_days.customer_id,
        snapshots.snapshot_date,
        order_days.order_date,
        order_days.order_amount,
        order_days.purchase_amount,
        order_days.order_count > 0
            and coalesce(order_days.annulled_date > snapshots.snapshot_date, 1 = 1) as is_purchase
    from order_days
    inner join snapshots
        on order_days.order_date <= snapshots.snapshot_date
        and order_days.hash_place < snapshots.sampled_places
),

gaps as (
    select
        customer_id,
        snapshot_date,
        to_number(days_between(
            lag(order_date) over (partition by customer_id, snapshot_date order by order_date),
            order_date
        )) as gap_days
    from days
    where is_purchase
),

rhythms as (
    select
        customer_id,
        snapshot_date,
        count(gap_days) as gap_count,
        sum(cast(gap_days as bigint)) as gap_sum,
        sum(cast(gap_days * gap_days as bigint)) as square_sum,
        max(gap_days) as longest_gap_days
    from gaps
    group by customer_id, snapshot_date
),

counted as (
    select
        customer_id,
        snapshot_date,
        min(case when is_purchase then order_date end) as first_order_date,
        max(case when is_purchase then order_date end) as last_order_date,
        count(case when is_purchase then 1 end) as order_day_count,
        count(case when is_purchase and is_within(order_date, snapshot_date, 30) then 1 end) as order_count_30_days,
        count(case when is_purchase and is_within(order_date, snapshot_date, 90) then 1 end) as order_count_90_days,
        count(case when is_purchase and is_within(order_date, snapshot_date, 180) then 1 end) as order_count_180_days,
        count(case when is_purchase and is_within(order_date, snapshot_date, 365) then 1 end) as order_count_365_days,
        count(case
            when is_purchase and is_within(order_date, days_before(snapshot_date, 365 - (select max(window_days) from definition)), (select max(window_days) from definition))
                then 1
        end) as last_year_order_count,
        money_sum(case when is_purchase then purchase_amount end) as purchase_amount,
        money_sum(case when is_within(order_date, snapshot_date, 90) then order_amount end) as order_amount_90_days,
        money_sum(case when is_within(order_date, snapshot_date, 365) then order_amount end) as order_amount_365_days,
        money_sum(case when is_purchase and is_within(order_date, snapshot_date, 365) then purchase_amount end) as purchase_amount_365_days,
        money_sum(order_amount) as order_amount
    from days
    group by customer_id, snapshot_date
),

adjusted as (
    select
        adjustments.customer_id,
        snapshots.snapshot_date,
        money_sum(adjustments.discount_amount) as discount_amount,
        money_sum(adjustments.return_amount) as return_amount,
        money_sum(adjustments.concession_amount) as concession_amount
    from adjustments
    inner join snapshots
        on is_within(adjustments.document_date, snapshots.snapshot_date, 365)
        and place_by_hash(adjustments.customer_id) < snapshots.sampled_places
    group by adjustments.customer_id, snapshots.snapshot_date
)

select
    counted.customer_id,
    counted.snapshot_date,
    counted.first_order_date,
    counted.last_order_date,
    to_integer(days_between(counted.first_order_date, counted.snapshot_date)) as age_days,
    to_integer(counted.order_day_count) as order_day_count,
    ratio(rhythms.gap_sum, rhythms.gap_count) as mean_gap_days,
    case
        when rhythms.gap_count > 1 then sqrt(greatest(0e0, to_number(
            rhythms.gap_count * rhythms.square_sum - rhythms.gap_sum * rhythms.gap_sum
        )) / (to_number(rhythms.gap_count) * to_number(rhythms.gap_count - 1)))
    end as gap_deviation_days,
    rhythms.longest_gap_days,
    to_integer(counted.order_count_30_days) as order_count_30_days,
    to_integer(counted.order_count_90_days) as order_count_90_days,
    to_integer(counted.order_count_180_days) as order_count_180_days,
    to_integer(counted.order_count_365_days) as order_count_365_days,
    case
        when days_between(counted.first_order_date, counted.snapshot_date) >= 365
            then to_integer(counted.last_year_order_count)
    end as last_year_order_count,
    coalesce(counted.purchase_amount, 0) as purchase_amount,
    coalesce(counted.order_amount_90_days, 0) as order_amount_90_days,
    coalesce(counted.order_amount_365_days, 0) as order_amount_365_days,
    coalesce(counted.purchase_amount_365_days, 0) as purchase_amount_365_days,
    coalesce(counted.order_amount, 0) as order_amount,
    coalesce(adjusted.discount_amount, 0) as discount_amount,
    coalesce(adjusted.return_amount, 0) as return_amount,
    coalesce(adjusted.concession_amount, 0) as concession_amount
from counted
left join rhythms
    on counted.customer_id = rhythms.customer_id
    and counted.snapshot_date = rhythms.snapshot_date
left join adjusted
    on counted.customer_id = adjusted.customer_id
    and counted.snapshot_date = adjusted.snapshot_date
where counted.order_day_count > 0
