-- What the next run must remember: every record's customer, of this run and of earlier ones whose record is gone, so that no id is given twice.
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
