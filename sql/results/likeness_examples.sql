-- Customers who have bought, with what can be seen of them: what likeness is learnt from. So many as are set, chosen by hash.
-- grain: customer_id
-- hash_place: 0 to 999, by hash: the low ones are held out
-- is_known_alike: just those attributes are known that are known of one prospect in a hundred or more
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

patterned as (
    select
        customer_id,
        is_prospect,
        case when customer_kind is null then '-' else 'k' end
            || case when country is null then '-' else 'c' end
            || case when city is null then '-' else 't' end
            || case when industry is null then '-' else 'i' end
            || case when employee_count is null then '-' else 'e' end
            || case when acquisition_source is null then '-' else 's' end as known_attributes
    from attributes
),

patterns as (
    select
        known_attributes,
        count(*) as prospect_count
    from patterned
    where is_prospect
    group by known_attributes
),

prospects as (
    select count(*) as prospect_count
    from attributes
    where is_prospect
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
    coalesce(100 * patterns.prospect_count >= prospects.prospect_count, 1 = 0) as is_known_alike,
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
inner join patterned
    on placed.customer_id = patterned.customer_id
left join patterns
    on patterned.known_attributes = patterns.known_attributes
cross join prospects
where placed.place <= (select segments_sample_customers from settings)
order by placed.customer_id
