-- Each contact with a customer that costs something: activities of the CRM, and tickets.
-- grain: contact_id
-- warn: customer_id is not null
-- contact_kind: the activity's kind in lower case, such as call or meeting; ticket for a case
-- customer_id: empty when the contact names nobody whom any export knows
with

settings as (
    select * from run.settings
),

lineage as (
    select * from unified.lineage
),

activities as (
    select * from staged.activities
),

cases as (
    select * from staged.cases
),

contacts_made as (
    select
        key_hash(source, 'activity', activity_key) as contact_id,
        coalesce(lower(activity_kind), 'activity') as contact_kind,
        day_of(activity_at) as contact_date,
        source,
        customer_key,
        contact_key
    from activities
    union all
    select
        key_hash(source, 'case', case_key) as contact_id,
        'ticket' as contact_kind,
        day_of(opened_at) as contact_date,
        source,
        customer_key,
        contact_key
    from cases
)

select
    contacts_made.contact_id,
    contacts_made.contact_kind,
    contacts_made.contact_date,
    coalesce(firms.customer_id, people.customer_id) as customer_id
from contacts_made
left join lineage as firms
    on contacts_made.source = firms.source
    and contacts_made.customer_key = firms.record_key
    and firms.record_kind = 'customer'
left join lineage as people
    on contacts_made.source = people.source
    and contacts_made.contact_key = people.record_key
    and people.record_kind = 'contact'
where contacts_made.contact_date <= (select as_of_date from settings)
