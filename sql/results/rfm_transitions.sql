-- Who moved between segments since the last run, in customers and in money as it was then and is now.
-- grain: previous_segment, segment
-- previous_segment: empty for customers who are new to the base
-- segment: empty for customers who are gone from it
with

rfm as (
    select * from results.rfm
),

previous as (
    select * from run.previous_rfm
),

moved as (
    select
        coalesce(previous.segment, '') as previous_segment,
        coalesce(rfm.segment, '') as segment,
        previous.total_amount as previous_amount,
        rfm.total_amount
    from rfm
    full outer join previous
        on rfm.customer_id = previous.customer_id
)

select
    previous_segment,
    segment,
    count(*) as customer_count,
    coalesce(sum(previous_amount), 0) as previous_amount,
    coalesce(sum(total_amount), 0) as total_amount
from moved
where (select count(*) from previous) > 0
    and previous_segment <> segment
group by previous_segment, segment
order by count(*) desc, previous_segment, segment
