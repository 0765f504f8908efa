-- The five customers of each segment nearest to its centre.
-- grain: segment, place
-- customer_name: as the report shows it
with

settings as (
    select * from run.settings
),

segments as (
    select * from results.segments where segment is not null
),

members as (
    select * from results.segment_members
),

customers as (
    select * from unified.customers
),

placed as (
    select
        segment,
        segment_name,
        customer_id,
        distance,
        row_number() over (partition by segment order by distance, customer_id) as place
    from segments
)

select
    placed.segment,
    placed.segment_name,
    to_integer(placed.place) as place,
    customers.customer_key,
    shown_name(customers.customer_name, customers.customer_kind, settings.mask_names) as customer_name,
    members.total_amount,
    placed.distance
from placed
cross join settings
inner join customers
    on placed.customer_id = customers.customer_id
inner join members
    on placed.customer_id = members.customer_id
where placed.place <= 5
order by placed.segment, placed.place
