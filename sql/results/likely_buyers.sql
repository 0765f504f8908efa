-- Customers who resemble the buyers of a product or the members of a segment without being among them, the likest first, with the reasons, the owner and only those addresses they permit.
-- grain: target_place, customer_id
-- target_place: tells targets apart, in the order of the settings, even if they are called alike
-- likeness_rank: within a target
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

ranks as (
    select * from results.likeness_ranks where not is_look_alike
),

customers as (
    select * from unified.customers
),

attributes as (
    select * from features.attributes
),

addresses as (
    select * from facts.permitted_addresses
)

select
    to_integer(ranks.target_place) as target_place,
    ranks.likeness_rank,
    ranks.customer_id,
    customers.customer_key,
    customers.customer_name,
    ranks.target_title,
    ranks.likeness_probability,
    ranks.reason_1,
    ranks.reason_2,
    ranks.reason_3,
    attributes.country,
    attributes.city,
    attributes.industry,
    attributes.employee_count,
    ranks.suggested_action,
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
from ranks
inner join customers
    on ranks.customer_id = customers.customer_id
inner join attributes
    on ranks.customer_id = attributes.customer_id
left join addresses
    on ranks.customer_id = addresses.customer_id
order by ranks.target_place, ranks.likeness_rank
