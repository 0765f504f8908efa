-- The prospects to call as the report shows them: names of persons masked unless the pipeline says otherwise; up to 1,000.
-- grain: likeness_rank
with

likeness as (
    select * from results.likeness_customers where is_look_alike and likeness_rank <= 1000
)

select
    target_title,
    likeness_rank,
    customer_key,
    shown_name as customer_name,
    likeness_probability,
    reason_1,
    reason_2,
    nullif(permitted_channels, '') as permitted_channels
from likeness
order by likeness_rank, target_place
