-- The slipping customers as the report shows them: names of persons masked unless the pipeline says otherwise.
-- grain: customer_id
with

settings as (
    select * from run.settings
),

customers as (
    select * from results.rfm_customers
)

select
    customer_id,
    slipping_rank,
    customer_key,
    case
        when (select mask_names from settings) and coalesce(customer_kind, 'person') <> 'company' then mask_name(customer_name)
        else customer_name
    end as customer_name,
    segment,
    total_amount,
    leaving_likelihood,
    reason
from customers
where slipping_rank <= 1000
order by slipping_rank
