-- The likely buyers as the report shows them: names of persons masked unless the pipeline says otherwise; up to 1,000 a target.
-- grain: target_place, likeness_rank
with

likeness as (
    select * from results.likeness_customers where not is_look_alike and likeness_rank <= 1000
)

select
    target_place,
    target_title,
    likeness_rank,
    customer_key,
    shown_name as customer_name,
    likeness_probability,
    reason_1,
    reason_2,
    nullif(permitted_channels, '') as permitted_channels
from likeness
order by target_place, likeness_rank
