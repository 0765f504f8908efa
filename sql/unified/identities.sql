-- What the next run must remember: every record's customer, of this run and of earlier ones whose record is gone, and the highest id ever given (record_kind highest), so that no id is given twice.
-- grain: source, record_kind, record_key
with

lineage as (
    select * from unified.lineage
),

previous as (
    select * from run.previous_lineage
)

select
    source,
    record_kind,
    record_key,
    customer_id
from lineage
union all
select
    previous.source,
    previous.record_kind,
    previous.record_key,
    previous.customer_id
from previous
left join lineage
    on previous.source = lineage.source
    and previous.record_kind = lineage.record_kind
    and previous.record_key = lineage.record_key
where lineage.record_key is null
    and previous.record_kind <> 'highest'
union all
select
    '' as source,
    'highest' as record_kind,
    '' as record_key,
    greatest(
        (select coalesce(max(customer_id), 0) from lineage),
        (select coalesce(max(customer_id), 0) from previous)
    ) as customer_id
