-- Customers who have bought, with what can be seen of them: what likeness is learnt from. So many as are set, chosen by hash.
-- grain: customer_id
-- hash_place: 0 to 999, by hash: the low ones are held out
with

settings as (
    select * from run.settings
),

segments as (
    select customer_id from features.segments
),

attributes as (
    select * from features.attributes
),

placed as (
    select
        customer_id,
        row_number() over (order by key_hash(customer_id, 'likeness', ''), customer_id) as place
    from segments
)

select
    placed.customer_id,
    to_integer(place_by_hash(key_hash(placed.customer_id, 'held', ''))) as hash_place,
    attributes.customer_kind,
    attributes.country,
    attributes.city,
    attributes.industry,
    attributes.employee_count,
    attributes.acquisition_source,
    attributes.contact_count
from placed
inner join attributes
    on placed.customer_id = attributes.customer_id
where placed.place <= (select segments_sample_customers from settings)
order by placed.customer_id
