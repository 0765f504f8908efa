-- Those who are like the members of a target: who they are, why, who looks after them and only those addresses they permit.
-- grain: target_place, customer_id
-- likeness_rank: within a target
-- shown_name: the name as a report shows it, of persons masked unless the pipeline says otherwise
-- suggested_action: what to do; where nobody at the customer said yes, to ask for permission first
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

settings as (
    select * from run.settings
),

ranks as (
    select * from results.likeness_ranks
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
    ranks.target_place,
    ranks.is_look_alike,
    ranks.likeness_rank,
    ranks.customer_id,
    customers.customer_key,
    customers.customer_name,
    shown_name(
        customers.customer_name,
        customers.customer_kind,
        (select mask_names from settings)
    ) as shown_name,
    ranks.target_title,
    ranks.likeness_probability,
    ranks.reason_1,
    ranks.reason_2,
    ranks.reason_3,
    attributes.country,
    attributes.city,
    attributes.industry,
    attributes.employee_count,
    case
        when addresses.permitted_channels is null or addresses.permitted_channels = '' then ranks.action_unasked
        else ranks.suggested_action
    end as suggested_action,
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
