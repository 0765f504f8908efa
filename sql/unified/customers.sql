-- Every customer, once, with the details of the record that the first system of the pipeline holds.
-- grain: customer_id
-- customer_key: the key in the first system of the pipeline that knows the customer
-- customer_kind: company or person; empty when no export says
with

lineage as (
    select * from unified.lineage
),

sources as (
    select * from run.sources
),

customers as (
    select * from staged.customers
),

contacts as (
    select * from staged.contacts
),

owners as (
    select * from staged.owners
),

details as (
    select
        source,
        'customer' as record_kind,
        customer_key as record_key,
        customer_name,
        customer_kind,
        city,
        country,
        owner_key
    from customers
    union all
    select
        source,
        'contact' as record_kind,
        contact_key as record_key,
        contact_name as customer_name,
        case when customer_key is null then 'person' end as customer_kind,
        city,
        country,
        owner_key
    from contacts
),

counted as (
    select
        customer_id,
        count(*) as record_count
    from lineage
    group by customer_id
),

known as (
    select
        lineage.customer_id,
        counted.record_count,
        lineage.source,
        lineage.record_kind,
        lineage.record_key,
        sources.place,
        details.customer_name,
        details.customer_kind,
        details.city,
        details.country,
        owners.owner_name
    from lineage
    inner join counted
        on lineage.customer_id = counted.customer_id
    inner join sources
        on lineage.source = sources.source
    left join details
        on lineage.source = details.source
        and lineage.record_kind = details.record_kind
        and lineage.record_key = details.record_key
    left join owners
        on details.source = owners.source
        and details.owner_key = owners.owner_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by record_kind desc, place, record_key
        ) as key_place,
        row_number() over (
            partition by customer_id
            order by case when customer_name is null then 1 else 0 end, record_kind desc, place, record_key
        ) as name_place,
        row_number() over (
            partition by customer_id
            order by case when owner_name is null then 1 else 0 end, record_kind desc, place, record_key
        ) as owner_place
    from known
    where record_count > 1
)

select
    customer_id,
    record_key as customer_key,
    source as customer_source,
    customer_name,
    customer_kind,
    city,
    country,
    owner_name,
    record_count
from known
where record_count = 1
union all
select
    customer_id,
    min(case when key_place = 1 then record_key end) as customer_key,
    min(case when key_place = 1 then source end) as customer_source,
    min(case when name_place = 1 then customer_name end) as customer_name,
    min(case when name_place = 1 then customer_kind end) as customer_kind,
    min(case when name_place = 1 then city end) as city,
    min(case when name_place = 1 then country end) as country,
    min(case when owner_place = 1 then owner_name end) as owner_name,
    count(*) as record_count
from ranked
group by customer_id
