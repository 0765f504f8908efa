-- Customers and money of each segment; segments without customers are there too.
-- grain: segment
with

labels as (
    select * from results.rfm_labels
),

rfm as (
    select * from results.rfm
),

totals as (
    select
        count(*) as customer_count,
        sum(total_amount) as total_amount
    from rfm
),

summed as (
    select
        segment,
        count(*) as customer_count,
        sum(total_amount) as total_amount,
        sum(recency_days) as recency_days,
        sum(order_count) as order_count,
        sum(case when relationship_status = 'slipping' then 1 else 0 end) as slipping_count
    from rfm
    group by segment
)

select
    labels.place,
    labels.segment,
    labels.segment_label,
    labels.levels,
    labels.definition,
    labels.action,
    coalesce(summed.customer_count, 0) as customer_count,
    ratio(coalesce(summed.customer_count, 0), (select customer_count from totals)) as customer_share,
    coalesce(summed.total_amount, 0) as total_amount,
    ratio(coalesce(summed.total_amount, 0), (select total_amount from totals)) as amount_share,
    ratio(summed.recency_days, summed.customer_count) as mean_recency_days,
    ratio(summed.order_count, summed.customer_count) as mean_order_count,
    coalesce(summed.slipping_count, 0) as slipping_count
from labels
left join summed
    on labels.segment = summed.segment
order by labels.place
