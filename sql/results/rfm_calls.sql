-- The slipping customers as the report shows them: names of persons masked unless the pipeline says otherwise.
-- grain: customer_id
with

settings as (
    select * from run.settings
),

rfm as (
    select * from results.rfm where slipping_rank <= 1000
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
    rfm.slipping_rank,
    customers.customer_key,
    shown_name(
        customers.customer_name,
        customers.customer_kind,
        (select mask_names from settings)
    ) as customer_name,
    labels.segment_label as segment,
    rfm.total_amount,
    round(rfm.leaving_likelihood, 4) as leaving_likelihood,
    reasons.reason
from rfm
inner join customers
    on rfm.customer_id = customers.customer_id
inner join labels
    on rfm.segment = labels.segment
left join reasons
    on rfm.customer_id = reasons.customer_id
order by rfm.slipping_rank
