-- How many customers, and how much money, stayed in each segment or moved to another since the last run.
-- grain: previous_segment, segment
-- previous_segment: 0 for customers who are new to the base, as is segment for those who are gone from it
-- previous_amount: money as it was then
with

members as (
    select * from results.segment_members where segment is not null
),

previous as (
    select * from run.previous_segments where segment is not null
),

moved as (
    select
        coalesce(previous.segment, 0) as previous_segment,
        coalesce(members.segment, 0) as segment,
        previous.total_amount as previous_amount,
        members.total_amount
    from members
    full outer join previous
        on members.customer_id = previous.customer_id
)

select
    previous_segment,
    segment,
    to_integer(count(*)) as customer_count,
    coalesce(sum(previous_amount), 0) as previous_amount,
    coalesce(sum(total_amount), 0) as total_amount
from moved
where (select count(*) from previous) > 0
    and (select count(*) from members) > 0
group by previous_segment, segment
order by previous_segment, segment
