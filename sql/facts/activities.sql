-- Each contact that the CRM notes with a customer whom any export knows, up to the as-of date, and who made it.
-- grain: activity_id
-- made_by: us or customer; empty when the export does not say
with

lineage as (
    select * from unified.lineage
),

activities as (
    select *
    from staged.activities
    where day_of(activity_at) <= (select as_of_date from run.settings)
)

select
    key_hash(activities.source, 'activity', activities.activity_key) as activity_id,
    activities.source,
    coalesce(firms.customer_id, people.customer_id) as customer_id,
    day_of(activities.activity_at) as activity_date,
    activities.activity_at,
    lower(activities.activity_kind) as activity_kind,
    case
        when lower(activities.direction) in ('inbound', 'in', 'incoming', 'received') then 'customer'
        when lower(activities.direction) in ('outbound', 'out', 'outgoing', 'sent') then 'us'
    end as made_by
from activities
left join lineage as firms
    on activities.source = firms.source
    and activities.customer_key = firms.record_key
    and firms.record_kind = 'customer'
left join lineage as people
    on activities.source = people.source
    and activities.contact_key = people.record_key
    and people.record_kind = 'contact'
where coalesce(firms.customer_id, people.customer_id) is not null
