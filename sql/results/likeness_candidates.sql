-- Whom each target is looked for among: prospects for look-alikes, else customers who are not in it yet; with what can be seen of them.
-- grain: target_place, customer_id
with

targets as (
    select * from results.likeness_targets
),

members as (
    select * from results.likeness_members
),

attributes as (
    select * from features.attributes
),

segments as (
    select customer_id from features.segments
)

select
    targets.target_place,
    attributes.customer_id,
    attributes.customer_kind,
    attributes.country,
    attributes.city,
    attributes.industry,
    attributes.employee_count,
    attributes.acquisition_source,
    attributes.contact_count
from attributes
cross join targets
left join segments
    on attributes.customer_id = segments.customer_id
left join members
    on attributes.customer_id = members.customer_id
    and targets.target_place = members.target_place
where case
    when targets.is_look_alike then attributes.is_prospect
    else segments.customer_id is not null and members.customer_id is null
end
