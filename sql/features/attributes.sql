-- What the exports say of every customer, prospects among them, besides what they did: as known at the as-of date.
-- grain: customer_id
-- check: contact_count >= 0
-- is_prospect: on record by the as-of date, and never ordered, subscribed, used anything or got an invoice
-- customer_kind: company or person; like country, city, industry, employee_count and acquisition_source, the first word of the first system that has one; records made after the as-of date say nothing
-- contact_count: contacts on record; one whom two systems hold, by e-mail or name, is one
with

settings as (
    select * from run.settings
),

sources as (
    select * from run.sources
),

lineage as (
    select * from unified.lineage
),

all_customers as (
    select * from unified.customers
),

customers as (
    select * from staged.customers
),

contacts as (
    select * from staged.contacts
),

match_keys as (
    select * from unified.match_keys where key_kind = 'email' and not is_generic
),

orders as (
    select * from facts.orders
),

subscriptions as (
    select * from staged.subscriptions where start_date <= (select as_of_date from settings)
),

invoices as (
    select * from staged.invoices where invoice_date <= (select as_of_date from settings)
),

usage as (
    select * from staged.usage where day_of(used_at) <= (select as_of_date from settings)
),

records as (
    select
        source,
        'customer' as record_kind,
        customer_key as record_key,
        customer_kind,
        country,
        city,
        industry,
        employee_count,
        acquisition_source,
        created_date,
        empty_text() as contact_name
    from customers
    union all
    select
        source,
        'contact' as record_kind,
        contact_key as record_key,
        case when customer_key is null then 'person' end as customer_kind,
        country,
        city,
        empty_text() as industry,
        empty_integer() as employee_count,
        acquisition_source,
        created_date,
        contact_name
    from contacts
),

known as (
    select
        lineage.customer_id,
        row_number() over (
            partition by lineage.customer_id
            order by records.record_kind desc, sources.place, records.record_key
        ) as place,
        lineage.record_id,
        sources.place as source_place,
        records.record_kind,
        records.contact_name,
        records.customer_kind,
        records.country,
        records.city,
        records.industry,
        records.employee_count,
        records.acquisition_source
    from records
    inner join lineage
        on records.source = lineage.source
        and records.record_kind = lineage.record_kind
        and records.record_key = lineage.record_key
    inner join sources
        on records.source = sources.source
    where records.created_date is null
        or records.created_date <= (select as_of_date from settings)
),

person_keys as (
    select customer_id, record_id, source_place, 'name' as key_kind, lower(contact_name) as key_value
    from known
    where record_kind = 'contact'
        and contact_name is not null
    union all
    select known.customer_id, known.record_id, known.source_place, match_keys.key_kind, match_keys.key_value
    from known
    inner join match_keys
        on known.record_id = match_keys.record_id
    where known.record_kind = 'contact'
),

first_places as (
    select
        record_id,
        source_place,
        min(source_place) over (partition by customer_id, key_kind, key_value) as first_source_place
    from person_keys
),

held_before as (
    select distinct record_id
    from first_places
    where first_source_place < source_place
),

placed as (
    select
        *,
        record_kind = 'contact' and record_id not in (select record_id from held_before) as is_person,
        substr(to_key(1000000 + place), 2) as place_key
    from known
),

chosen as (
    select
        customer_id,
        min(place_key || customer_kind) as customer_kind,
        min(place_key || country) as country,
        min(place_key || city) as city,
        min(place_key || industry) as industry,
        min(place_key || to_key(employee_count)) as employee_count,
        min(place_key || acquisition_source) as acquisition_source,
        sum(case when is_person then 1 else 0 end) as contact_count
    from placed
    group by customer_id
),

document_keys as (
    select source, customer_key from subscriptions
    union
    select source, customer_key from invoices
    union
    select source, customer_key from usage
),

dealt_with as (
    select customer_id from orders where is_purchase and order_date <= (select as_of_date from settings)
    union
    select lineage.customer_id
    from document_keys
    inner join lineage
        on document_keys.source = lineage.source
        and document_keys.customer_key = lineage.record_key
    where lineage.record_kind = 'customer'
)

select
    all_customers.customer_id,
    chosen.customer_id is not null and dealt_with.customer_id is null as is_prospect,
    substr(chosen.customer_kind, 7) as customer_kind,
    substr(chosen.country, 7) as country,
    substr(chosen.city, 7) as city,
    substr(chosen.industry, 7) as industry,
    to_integer(substr(chosen.employee_count, 7)) as employee_count,
    substr(chosen.acquisition_source, 7) as acquisition_source,
    to_integer(coalesce(chosen.contact_count, 0)) as contact_count
from all_customers
left join chosen
    on all_customers.customer_id = chosen.customer_id
left join dealt_with
    on all_customers.customer_id = dealt_with.customer_id
