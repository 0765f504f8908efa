-- Each deal with a customer whom any export knows, begun by the as-of date.
-- grain: opportunity_id
-- closed_date: the day it was won or lost, which may lie after the as-of date; for an open one empty, whatever day it is meant for; one that was decided on no known day is left out
with

lineage as (
    select * from unified.lineage
),

opportunities as (
    select *
    from staged.opportunities
    where coalesce(created_date, closed_date) <= (select as_of_date from run.settings)
        and (closed_date is not null or coalesce(lower(stage), '') not in ('won', 'lost'))
)

select
    key_hash(opportunities.source, 'opportunity', opportunities.opportunity_key) as opportunity_id,
    coalesce(firms.customer_id, people.customer_id) as customer_id,
    coalesce(opportunities.created_date, opportunities.closed_date) as created_date,
    case when lower(opportunities.stage) in ('won', 'lost') then opportunities.closed_date end as closed_date,
    coalesce(lower(opportunities.stage), '') = 'lost' as is_lost
from opportunities
left join lineage as firms
    on opportunities.source = firms.source
    and opportunities.customer_key = firms.record_key
    and firms.record_kind = 'customer'
left join lineage as people
    on opportunities.source = people.source
    and opportunities.contact_key = people.record_key
    and people.record_kind = 'contact'
where coalesce(firms.customer_id, people.customer_id) is not null
