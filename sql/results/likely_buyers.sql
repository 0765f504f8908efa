-- Customers who resemble the buyers of a product or the members of a segment without being among them, the likest first, with the reasons, the owner and only those addresses they permit.
-- grain: target_place, customer_id
-- target_place: tells targets apart, in the order of the settings, even if they are called alike
with

likeness as (
    select * from results.likeness_customers where not is_look_alike
)

select
    to_integer(target_place) as target_place,
    likeness_rank,
    customer_id,
    customer_key,
    customer_name,
    target_title,
    likeness_probability,
    reason_1,
    reason_2,
    reason_3,
    country,
    city,
    industry,
    employee_count,
    suggested_action,
    owner_name,
    permitted_channels,
    email_contact,
    email_address,
    phone_contact,
    phone_number,
    sms_contact,
    sms_number,
    mail_contact,
    mail_city
from likeness
order by target_place, likeness_rank
