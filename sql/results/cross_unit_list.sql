-- Who buys little in a unit that their like buy from, most missing money first, with the reason, the owner and only those addresses they permit.
-- grain: customer_id, unit
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

found as (
    select * from results.cross_unit
),

reasons as (
    select * from results.cross_unit_reasons
),

addresses as (
    select * from facts.permitted_addresses
)

select
    found.cross_unit_rank,
    found.customer_id,
    found.customer_key,
    found.customer_name,
    found.main_unit,
    found.main_amount,
    found.unit,
    found.unit_amount,
    found.expected_amount,
    found.missing_amount,
    found.peer_share,
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
    and found.unit = reasons.unit
left join addresses
    on found.customer_id = addresses.customer_id
order by found.cross_unit_rank
