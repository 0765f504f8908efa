-- Where each customer may be reached: on each channel one address of someone who said yes and never took it back.
-- grain: customer_id
with

permissions as (
    select * from facts.permissions where is_permitted
),

placed as (
    select
        customer_id,
        channel,
        address,
        person_name,
        row_number() over (partition by customer_id, channel order by address) as place
    from permissions
)

select
    customer_id,
    joined_texts(channel) as permitted_channels,
    max(case when channel = 'email' then person_name end) as email_contact,
    max(case when channel = 'email' then address end) as email_address,
    max(case when channel = 'phone' then person_name end) as phone_contact,
    max(case when channel = 'phone' then address end) as phone_number,
    max(case when channel = 'sms' then person_name end) as sms_contact,
    max(case when channel = 'sms' then address end) as sms_number,
    max(case when channel = 'mail' then person_name end) as mail_contact,
    max(case when channel = 'mail' then address end) as mail_city
from placed
where place = 1
group by customer_id
