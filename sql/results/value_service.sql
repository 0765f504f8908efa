-- Contacts of the window by kind, with the price that is set and what they cost.
-- grain: contact_kind
-- contact_cost: empty for a kind without a price, whose contacts are then not counted as cost
-- buyer_contact_count: with customers who have bought; what the others cost is in no contribution
-- service_amount: the price times the contacts with customers who have bought
with

settings as (
    select * from run.settings
),

service_costs as (
    select * from run.value_service_costs
),

contacts_made as (
    select * from facts.contacts_made
),

buyers as (
    select customer_id from features.contribution
),

counted as (
    select
        contacts_made.contact_kind,
        count(*) as contact_count,
        count(buyers.customer_id) as buyer_contact_count
    from contacts_made
    left join buyers
        on contacts_made.customer_id = buyers.customer_id
    where contacts_made.contact_date > months_before((select as_of_date from settings), (select value_window_months from settings))
    group by contacts_made.contact_kind
)

select
    coalesce(counted.contact_kind, service_costs.contact_kind) as contact_kind,
    coalesce(counted.contact_count, 0) as contact_count,
    coalesce(counted.buyer_contact_count, 0) as buyer_contact_count,
    to_money(service_costs.contact_cost) as contact_cost,
    coalesce(counted.buyer_contact_count, 0) * to_money(service_costs.contact_cost) as service_amount
from counted
full outer join service_costs
    on counted.contact_kind = service_costs.contact_kind
order by coalesce(counted.contact_kind, service_costs.contact_kind)
