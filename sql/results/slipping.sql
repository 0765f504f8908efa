-- Customers who are slipping away, most worth calling first, with the reason, the owner and only those addresses they permit.
-- grain: customer_id
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

rfm as (
    select * from results.rfm
),

reasons as (
    select * from results.rfm_reasons
),

labels as (
    select * from results.rfm_labels
),

model as (
    select * from results.rfm_model
),

customers as (
    select * from unified.customers
),

permissions as (
    select * from facts.permissions where is_permitted
),

permitted as (
    select
        customer_id,
        channel,
        address,
        person_name,
        row_number() over (partition by customer_id, channel order by address) as place
    from permissions
),

addresses as (
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
    from permitted
    where place = 1
    group by customer_id
)

select
    rfm.slipping_rank,
    rfm.customer_id,
    customers.customer_key,
    customers.customer_name,
    labels.segment_label as segment,
    rfm.recency_days,
    rfm.order_count,
    rfm.total_amount,
    round(rfm.lateness_probability, 4) as lateness_probability,
    round(rfm.leaving_likelihood, 4) as leaving_likelihood,
    rfm.frequency_change,
    reasons.reason,
    (select slipping_action from model) as suggested_action,
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
from rfm
inner join customers
    on rfm.customer_id = customers.customer_id
inner join labels
    on rfm.segment = labels.segment
left join reasons
    on rfm.customer_id = reasons.customer_id
left join addresses
    on rfm.customer_id = addresses.customer_id
where rfm.slipping_rank is not null
order by rfm.slipping_rank
