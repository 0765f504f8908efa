-- Customers and money by relationship: new, active, slipping, lapsed.
-- grain: relationship_status
with

rfm as (
    select * from results.rfm
)

select
    relationship_status,
    count(*) as customer_count,
    sum(total_amount) as total_amount
from rfm
group by relationship_status
order by relationship_status
