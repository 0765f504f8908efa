-- What the exports say of each customer besides what happened: the first word of the first system that has one.
-- grain: customer_id
with

lineage as (
    select * from unified.lineage
),

sources as (
    select * from run.sources
),

customers as (
    select * from unified.customers
),

records as (
    select source, 'customer' as record_kind, customer_key as record_key, industry, acquisition_source from staged.customers
    union all
    select source, 'contact' as record_kind, contact_key as record_key, empty_text() as industry, acquisition_source from staged.contacts
),

placed as (
    select
        lineage.customer_id,
        substr(to_key(1000 + sources.place), 2) || ' ' as place_key,
        records.industry,
        records.acquisition_source
    from records
    inner join lineage
        on records.source = lineage.source
        and records.record_kind = lineage.record_kind
        and records.record_key = lineage.record_key
    inner join sources
        on records.source = sources.source
    where records.industry is not null
        or records.acquisition_source is not null
),

chosen as (
    select
        customer_id,
        min(place_key || industry) as industry,
        min(place_key || acquisition_source) as acquisition_source
    from placed
    group by customer_id
)

select
    customers.customer_id,
    customers.customer_kind,
    customers.country,
    substr(chosen.industry, 5) as industry,
    substr(chosen.acquisition_source, 5) as acquisition_source
from customers
left join chosen
    on customers.customer_id = chosen.customer_id
