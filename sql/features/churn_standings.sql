-- Where each customer stood on the day on which models of churn are tried, as known then: the tier of value, and what segments of RFM go by.
-- grain: customer_id
-- check: tier in ('A', 'B', 'C', 'D')
-- tier: by the contribution of the twelve months before, with the thresholds of value and without its hysteresis
-- recency_days: from the last purchase day, as are order_count and monetary; empty for customers without one
-- order_count: purchases within as long a window as RFM is set to
-- monetary: net money within it, or its mean a purchase as RFM is set to
-- vocabulary: that of RFM
with

settings as (
    select * from run.settings
),

snapshots as (
    select * from features.churn_snapshots where purpose = 'test'
),

churn as (
    select * from features.churn where purpose = 'test'
),

order_days as (
    select * from features.order_days
),

windows as (
    select
        snapshots.snapshot_date,
        case
            when settings.rfm_window_start < date '1000-01-01' then settings.rfm_window_start
            else days_before(
                snapshots.snapshot_date,
                days_between(settings.rfm_window_start, settings.as_of_date)
            )
        end as window_start
    from snapshots
    cross join settings
),

purchases as (
    select
        order_days.customer_id,
        to_integer(sum(case when coalesce(order_days.annulled_date > windows.snapshot_date, 1 = 1) then order_days.order_count else 0 end)) as order_count,
        money_sum(order_days.order_amount) as order_amount
    from order_days
    inner join windows
        on order_days.order_date > windows.window_start
        and order_days.order_date <= windows.snapshot_date
    group by order_days.customer_id
),

totals as (
    select money_sum(contribution_amount) as positive_amount
    from churn
    where contribution_amount > 0
),

ranked as (
    select
        customer_id,
        contribution_amount,
        ratio(
            sum(contribution_amount) over (
                order by contribution_amount desc, customer_id
                rows between unbounded preceding and current row
            ) - contribution_amount,
            (select positive_amount from totals)
        ) as share_before
    from churn
),

thresholds as (
    select 'A' as tier, to_number(value_tier_a) as threshold, value_tier_by from settings
    union all
    select 'B' as tier, to_number(value_tier_b) as threshold, value_tier_by from settings
    union all
    select 'C' as tier, to_number(value_tier_c) as threshold, value_tier_by from settings
),

cuts as (
    select
        thresholds.tier,
        min(case
            when thresholds.value_tier_by = 'amount' then thresholds.threshold
            when ranked.contribution_amount > 0 and ranked.share_before < thresholds.threshold then to_number(ranked.contribution_amount)
        end) as cut_amount
    from thresholds
    cross join ranked
    group by thresholds.tier
)

select
    churn.customer_id,
    case
        when churn.contribution_amount <= 0 then 'D'
        when churn.contribution_amount >= (select cut_amount from cuts where tier = 'A') then 'A'
        when churn.contribution_amount >= (select cut_amount from cuts where tier = 'B') then 'B'
        when churn.contribution_amount >= (select cut_amount from cuts where tier = 'C') then 'C'
        else 'D'
    end as tier,
    churn.recency_days,
    case when churn.recency_days is not null then coalesce(purchases.order_count, 0) end as order_count,
    case
        when churn.recency_days is null then null
        when (select rfm_monetary from settings) = 'average' then coalesce(ratio(purchases.order_amount, purchases.order_count), 0)
        else coalesce(to_number(purchases.order_amount), 0)
    end as monetary,
    (select rfm_vocabulary from settings) as vocabulary
from churn
left join purchases
    on churn.customer_id = purchases.customer_id
order by churn.customer_id
