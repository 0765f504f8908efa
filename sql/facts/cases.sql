-- Each case of a customer whom any export knows, opened by the as-of date, and what it was about.
-- grain: case_id
-- case_class: price, delivery, quality, billing or other, by the words of its category
-- first_response_at: empty while nobody answered, as is closed_at while it is open; either may lie after the as-of date
with

lineage as (
    select * from unified.lineage
),

cases as (
    select *
    from staged.cases
    where day_of(opened_at) <= (select as_of_date from run.settings)
),

identified as (
    select
        key_hash(cases.source, 'case', cases.case_key) as case_id,
        coalesce(firms.customer_id, people.customer_id) as customer_id,
        cases.opened_at,
        cases.first_response_at,
        cases.closed_at,
        cases.is_complaint,
        lower(cases.category) as category
    from cases
    left join lineage as firms
        on cases.source = firms.source
        and cases.customer_key = firms.record_key
        and firms.record_kind = 'customer'
    left join lineage as people
        on cases.source = people.source
        and cases.contact_key = people.record_key
        and people.record_kind = 'contact'
)

select
    case_id,
    customer_id,
    day_of(opened_at) as opened_date,
    opened_at,
    first_response_at,
    closed_at,
    coalesce(is_complaint, 1 = 0) as is_complaint,
    case
        when category like '%pric%' or category like '%discount%' or category like '%价%' then 'price'
        when category like '%deliver%' or category like '%shipping%' or category like '%送货%' or category like '%配送%'
            or category like '%物流%' then 'delivery'
        when category like '%quality%' or category like '%repair%' or category like '%defect%' or category like '%质量%'
            or category like '%维修%' then 'quality'
        when category like '%billing%' or category like '%invoice%' or category like '%发票%' or category like '%账单%'
            then 'billing'
        else 'other'
    end as case_class
from identified
where customer_id is not null
