-- What to offer each customer next, best first, with the reason in words.
-- grain: customer_id, offer_rank
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
-- expected_margin: probability times what one purchase brings on the mean; see features.next_best_products
with

offers as (
    select * from results.next_best_reasons
),

customers as (
    select * from unified.customers
),

addresses as (
    select * from facts.permitted_addresses
)

select
    offers.customer_id,
    customers.customer_key,
    customers.customer_name,
    offers.offer_rank,
    offers.product_key,
    offers.product_name,
    offers.category,
    offers.kind,
    offers.kind_label,
    round(offers.probability, 4) as probability,
    offers.expected_money as expected_margin,
    offers.reason,
    coalesce(addresses.permitted_channels, '') as permitted_channels
from offers
inner join customers
    on offers.customer_id = customers.customer_id
left join addresses
    on offers.customer_id = addresses.customer_id
