-- Customers and money of each recency and frequency score.
-- grain: recency_score, frequency_score
with

rfm as (
    select * from results.rfm
)

select
    recency_score,
    frequency_score,
    count(*) as customer_count,
    sum(total_amount) as total_amount
from rfm
group by recency_score, frequency_score
order by recency_score desc, frequency_score
