-- Prospects who resemble the members of the chosen segment, the likest first, with the reasons, the owner and only those addresses they permit.
-- grain: customer_id
with

likeness as (
    select * from results.likeness_customers where is_look_alike
)

select
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
order by likeness_rank
