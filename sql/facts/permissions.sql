-- Which address of a customer may be used on which channel: the last word of the person, and a no after the as-of date too, for lists are used today; a no for an address counts wherever it was said, and an address that several customers share is nobody's.
-- grain: customer_id, channel, address
-- channel: email, phone, sms or mail; a no for any other word, such as all, is a no for each of these, and a yes for it is none
-- address: an e-mail, a phone number, or for mail the city, which is no address of its own: there a no counts for the customer alone
with

settings as (
    select * from run.settings
),

consents as (
    select * from staged.consents
),

lineage as (
    select * from unified.lineage
),

match_keys as (
    select * from unified.match_keys
),

customers as (
    select * from staged.customers
),

contacts as (
    select * from staged.contacts
),

people as (
    select source, 'customer' as record_kind, customer_key as record_key, customer_name as person_name, email, phone, city
    from customers
    union all
    select source, 'contact' as record_kind, contact_key as record_key, contact_name as person_name, email, phone, city
    from contacts
),

channels as (
    select 'email' as channel
    union all
    select 'phone' as channel
    union all
    select 'sms' as channel
    union all
    select 'mail' as channel
),

said as (
    select
        source,
        case when contact_key is null then 'customer' else 'contact' end as record_kind,
        coalesce(contact_key, customer_key) as record_key,
        case when lower(channel) in (select channel from channels) then lower(channel) else 'other' end as channel,
        is_permitted,
        row_number() over (
            partition by
                source,
                contact_key,
                customer_key,
                case when lower(channel) in (select channel from channels) then lower(channel) else 'other' end
            order by recorded_at desc, case when is_permitted then 1 else 0 end, consent_key
        ) as place_from_last
    from consents
    where day_of(recorded_at) <= (select as_of_date from settings)
        or not is_permitted
),

last_words as (
    select source, record_kind, record_key, channel, is_permitted
    from said
    where place_from_last = 1
        and channel <> 'other'
    union all
    select said.source, said.record_kind, said.record_key, channels.channel, 1 = 0 as is_permitted
    from said
    cross join channels
    where said.channel = 'other'
        and not said.is_permitted
),

reached as (
    select
        lineage.customer_id,
        said.channel,
        people.person_name,
        said.is_permitted,
        case
            when said.channel = 'email' then people.email
            when said.channel = 'mail' then people.city
            else phone_e164(people.phone, (select calling_code from settings))
        end as address
    from last_words as said
    inner join lineage
        on said.source = lineage.source
        and said.record_kind = lineage.record_kind
        and said.record_key = lineage.record_key
    inner join people
        on said.source = people.source
        and said.record_kind = people.record_kind
        and said.record_key = people.record_key
),

addressed as (
    select
        *,
        case when channel = 'mail' then to_key(customer_id) || ' ' || address else address end as address_key
    from reached
),

refused as (
    select distinct channel, address_key from addressed where not is_permitted
),

shared as (
    select match_keys.key_value as address
    from match_keys
    inner join lineage
        on match_keys.record_id = lineage.record_id
    where match_keys.is_generic
    group by match_keys.key_value
    having count(distinct lineage.customer_id) > 1
)

select
    addressed.customer_id,
    addressed.channel,
    addressed.address,
    min(addressed.person_name) as person_name,
    min(case when refused.address_key is null and shared.address is null then 1 else 0 end) = 1 as is_permitted
from addressed
left join refused
    on addressed.channel = refused.channel
    and addressed.address_key = refused.address_key
left join shared
    on addressed.address = shared.address
where addressed.address is not null
group by addressed.customer_id, addressed.channel, addressed.address
