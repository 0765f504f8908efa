-- How each customer and prospect stands to us: prospect, or new, active, slipping or lapsed as rfm has it.
-- grain: customer_id
with

attributes as (
    select customer_id from features.attributes where is_prospect
),

rfm as (
    select customer_id, relationship_status from results.rfm
)

select
    customer_id,
    relationship_status
from rfm
union all
select
    attributes.customer_id,
    'prospect' as relationship_status
from attributes
left join rfm
    on attributes.customer_id = rfm.customer_id
where rfm.customer_id is null
