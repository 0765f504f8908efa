-- Whom to show the dearer product that many moved up to, most expected extra margin first, with the reason, the owner and only those addresses they permit.
-- grain: customer_id, category
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

found as (
    select * from results.up_sell
),

reasons as (
    select * from results.up_sell_reasons
),

addresses as (
    select * from facts.permitted_addresses
)

select
    found.up_sell_rank,
    found.customer_id,
    found.customer_key,
    found.customer_name,
    found.category,
    found.product_name,
    found.unit_price,
    found.next_name,
    found.next_unit_price,
    found.buyer_count,
    found.moved_count,
    found.moved_share,
    found.expected_margin,
    reasons.reason,
    found.owner_name,
    found.permitted_channels,
    addresses.email_contact,
    addresses.email_address,
    addresses.phone_contact,
    addresses.phone_number,
    addresses.sms_contact,
    addresses.sms_number,
    addresses.mail_contact,
    addresses.mail_city
from found
inner join reasons
    on found.customer_id = reasons.customer_id
    and found.category = reasons.category
left join addresses
    on found.customer_id = addresses.customer_id
order by found.up_sell_rank
