-- What to offer each customer next, best first, with the reason in words.
-- grain: customer_id, offer_rank
-- expected_margin: probability times what one purchase brings on the mean; see features.next_best_products
with

offers as (
    select * from results.next_best_offers
),

reasons as (
    select * from results.next_best_reasons
),

customers as (
    select * from unified.customers
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
    reasons.kind_label,
    round(offers.probability, 4) as probability,
    offers.expected_money as expected_margin,
    reasons.reason
from offers
inner join reasons
    on offers.customer_id = reasons.customer_id
    and offers.offer_rank = reasons.offer_rank
inner join customers
    on offers.customer_id = customers.customer_id
