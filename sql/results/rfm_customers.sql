-- The rows of rfm.csv: scores, segment and reason beside the keys and names that people know.
-- grain: customer_id
with

rfm as (
    select * from results.rfm
),

reasons as (
    select * from results.rfm_reasons
),

labels as (
    select * from results.rfm_labels
),

customers as (
    select * from unified.customers
)

select
    rfm.customer_id,
    customers.customer_key,
    customers.customer_name,
    customers.customer_kind,
    rfm.recency_days,
    rfm.order_count,
    rfm.total_amount,
    rfm.recency_score,
    rfm.frequency_score,
    rfm.monetary_score,
    labels.segment_label as segment,
    round(rfm.lateness_probability, 4) as lateness_probability,
    round(rfm.leaving_likelihood, 4) as leaving_likelihood,
    rfm.frequency_change,
    rfm.slipping_rank,
    reasons.reason,
    rfm.relationship_status
from rfm
inner join customers
    on rfm.customer_id = customers.customer_id
inner join labels
    on rfm.segment = labels.segment
left join reasons
    on rfm.customer_id = reasons.customer_id
