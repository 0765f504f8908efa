-- What each customer used on each day, of the kind of usage that the most customers have.
-- grain: customer_id, usage_date
with

lineage as (
    select * from unified.lineage where record_kind = 'customer'
),

usage as (
    select
        source,
        customer_key,
        day_of(used_at) as usage_date,
        coalesce(usage_kind, '') as usage_kind,
        usage_quantity
    from staged.usage
    where day_of(used_at) <= (select as_of_date from run.settings)
),

identified as (
    select
        lineage.customer_id,
        usage.usage_date,
        usage.usage_kind,
        usage.usage_quantity
    from usage
    inner join lineage
        on usage.source = lineage.source
        and usage.customer_key = lineage.record_key
),

kinds as (
    select
        usage_kind,
        row_number() over (order by count(distinct customer_id) desc, usage_kind) as place
    from identified
    group by usage_kind
)

select
    identified.customer_id,
    identified.usage_date,
    to_exact(sum(identified.usage_quantity)) as usage_quantity
from identified
inner join kinds
    on identified.usage_kind = kinds.usage_kind
    and kinds.place = 1
where identified.usage_quantity > 0
group by identified.customer_id, identified.usage_date
