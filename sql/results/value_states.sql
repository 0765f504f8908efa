-- Customers and money by state: new, active, slipping, lapsed.
-- grain: state
with

value as (
    select * from results.value
)

select
    state,
    count(*) as customer_count,
    sum(total_amount) as total_amount,
    sum(lifetime_value) as lifetime_value
from value
group by state
order by state
