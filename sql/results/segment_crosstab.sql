-- Customers and their money of all history in each pair of segments of the two segmentations that are laid across each other.
-- grain: left_segment, right_segment
-- left_segment: empty where the segmentation says nothing of a customer, as is right_segment
with

lefts as (
    select * from results.segment_crosstab_left
),

rights as (
    select * from results.segment_crosstab_right
),

segments as (
    select customer_id, total_amount from features.segments
),

base as (
    select customer_id from segments
    union
    select customer_id from lefts where is_beside
    union
    select customer_id from rights where is_beside
)

select
    coalesce(lefts.segment, '') as left_segment,
    coalesce(rights.segment, '') as right_segment,
    count(*) as customer_count,
    coalesce(money_sum(segments.total_amount), 0) as total_amount
from base
left join lefts
    on base.customer_id = lefts.customer_id
left join rights
    on base.customer_id = rights.customer_id
left join segments
    on base.customer_id = segments.customer_id
group by coalesce(lefts.segment, ''), coalesce(rights.segment, '')
