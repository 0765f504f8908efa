-- Each customer's segment and money, as the next run must know them.
-- grain: customer_id
-- segment: empty where there are no segments
-- total_amount: money of all history, net of what came back; empty where the table tells of none
with

segments as (
    select * from results.segments
),

features as (
    select * from features.segments
)

select
    segments.customer_id,
    segments.segment,
    features.total_amount
from segments
inner join features
    on segments.customer_id = features.customer_id
