-- The rows of segments.csv: each customer's segment beside the keys and names that people know.
-- grain: customer_id
-- distance: to the centre of the segment, in the coordinates of the model
-- silhouette: 1 deep inside the segment, 0 on the border to the next one
with

segments as (
    select * from results.segments
),

customers as (
    select * from unified.customers
)

select
    segments.customer_id,
    customers.customer_key,
    customers.customer_name,
    segments.segment,
    segments.segment_name,
    round(segments.distance, 6) as distance,
    round(segments.silhouette, 6) as silhouette
from segments
inner join customers
    on segments.customer_id = customers.customer_id
