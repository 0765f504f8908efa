-- Customers with what to offer each next, most expected margin first, with the reason, the owner and only those addresses they permit.
-- grain: customer_id
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
-- product_2: the next best, and product_3 the one behind it
with

offers as (
    select * from results.next_best
),

next_offers as (
    select
        customer_id,
        max(case when offer_rank = 2 then product_name end) as product_2,
        max(case when offer_rank = 3 then product_name end) as product_3
    from offers
    group by customer_id
),

model as (
    select * from results.next_best_model
),

customers as (
    select * from unified.customers
),

addresses as (
    select * from facts.permitted_addresses
),

ranked as (
    select
        *,
        row_number() over (order by expected_margin desc, probability desc, customer_id) as call_rank
    from offers
    where offer_rank = 1
)

select
    to_integer(ranked.call_rank) as call_rank,
    ranked.customer_id,
    ranked.customer_key,
    ranked.customer_name,
    ranked.product_key,
    ranked.product_name,
    ranked.probability,
    ranked.expected_margin,
    ranked.reason,
    next_offers.product_2,
    next_offers.product_3,
    (select offer_action from model) as suggested_action,
    customers.owner_name,
    coalesce(addresses.permitted_channels, '') as permitted_channels,
    addresses.email_contact,
    addresses.email_address,
    addresses.phone_contact,
    addresses.phone_number,
    addresses.sms_contact,
    addresses.sms_number,
    addresses.mail_contact,
    addresses.mail_city
from ranked
inner join customers
    on ranked.customer_id = customers.customer_id
inner join next_offers
    on ranked.customer_id = next_offers.customer_id
left join addresses
    on ranked.customer_id = addresses.customer_id
order by ranked.call_rank
