-- Which customer each source record became, and by which keys. Ids stay as the last run gave them.
-- grain: source, record_kind, record_key
-- check: customer_id is not null
-- check: record_hash is not null
-- customer_id: the lowest id its records had in the last run; a customer split in two keeps it for the first record
-- record_hash: stands for source, kind and key in joins
-- matched_by: the kinds of key that tie the record to others; empty when it stands alone
with

records as (
    select * from unified.records
),

components as (
    select * from unified.components
),

pairs as (
    select * from unified.pairs
),

previous as (
    select * from run.previous_lineage
),

known as (
    select
        components.component_id,
        components.record_id,
        previous.customer_id
    from components
    inner join records
        on components.record_id = records.record_id
    inner join previous
        on records.source = previous.source
        and records.record_kind = previous.record_kind
        and records.record_key = previous.record_key
),

claimed as (
    select
        component_id,
        customer_id,
        row_number() over (partition by customer_id order by record_id) as claim_number
    from known
),

kept as (
    select
        component_id,
        min(customer_id) as customer_id
    from claimed
    where claim_number = 1
    group by component_id
),

fresh as (
    select
        components.component_id,
        row_number() over (order by components.component_id) as place
    from components
    left join kept
        on components.component_id = kept.component_id
    where components.record_id = components.component_id
        and kept.component_id is null
),

identified as (
    select component_id, customer_id from kept
    union all
    select
        component_id,
        to_integer(place + (select coalesce(max(customer_id), 0) from previous)) as customer_id
    from fresh
),

ties as (
    select left_record_id as record_id, key_kind from pairs
    union
    select right_record_id as record_id, key_kind from pairs
),

matched as (
    select
        record_id,
        joined_texts(key_kind) as matched_by
    from ties
    group by record_id
)

select
    records.record_id,
    key_hash(records.source, records.record_kind, records.record_key) as record_hash,
    records.source,
    records.record_kind,
    records.record_key,
    identified.customer_id,
    coalesce(matched.matched_by, '') as matched_by
from records
inner join components
    on records.record_id = components.record_id
inner join identified
    on components.component_id = identified.component_id
left join matched
    on records.record_id = matched.record_id
