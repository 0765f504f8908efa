-- What ties records together: a link to another record, an e-mail, a phone, a tax id. Records that share a value are one customer.
-- grain: record_id, key_kind, key_value
-- key_kind: link, email, phone or tax_id
-- is_generic: shared by too many records, or a value nobody owns (info@…, 000-0000); ties nothing
with

records as (
    select * from unified.records
),

customers as (
    select * from staged.customers
),

contacts as (
    select * from staged.contacts
),

settings as (
    select * from run.settings
),

generic_values as (
    select * from run.generic_values
),

customer_records as (
    select
        records.record_id,
        customers.email,
        phone_e164(customers.phone, (select calling_code from settings)) as phone,
        customers.tax_id,
        customers.linked_source,
        customers.linked_key
    from customers
    inner join records
        on customers.source = records.source
        and customers.customer_key = records.record_key
        and records.record_kind = 'customer'
),

contact_records as (
    select
        records.record_id,
        contacts.source,
        contacts.customer_key,
        contacts.email,
        phone_e164(contacts.phone, (select calling_code from settings)) as phone
    from contacts
    inner join records
        on contacts.source = records.source
        and contacts.contact_key = records.record_key
        and records.record_kind = 'contact'
),

links as (
    select contact_records.record_id as from_record_id, records.record_id as to_record_id
    from contact_records
    inner join records
        on contact_records.source = records.source
        and contact_records.customer_key = records.record_key
        and records.record_kind = 'customer'
    union all
    select customer_records.record_id as from_record_id, min(records.record_id) as to_record_id
    from customer_records
    inner join records
        on customer_records.linked_source = records.source
        and customer_records.linked_key = records.record_key
    group by customer_records.record_id
),

keys as (
    select from_record_id as record_id, 'link' as key_kind, to_key(to_record_id) as key_value from links
    union
    select to_record_id as record_id, 'link' as key_kind, to_key(to_record_id) as key_value from links
    union
    select record_id, 'email' as key_kind, email as key_value from customer_records
    union
    select record_id, 'email' as key_kind, email as key_value from contact_records
    union
    select record_id, 'phone' as key_kind, phone as key_value from customer_records
    union
    select record_id, 'phone' as key_kind, phone as key_value from contact_records
    union
    select record_id, 'tax_id' as key_kind, tax_id as key_value from customer_records
),

counted as (
    select
        *,
        count(*) over (partition by key_kind, key_value) as record_count
    from keys
    where key_value is not null
)

select
    record_id,
    key_kind,
    key_value,
    record_count,
    key_kind <> 'link' and (
        record_count > (select max_records_per_key from settings)
        or key_kind = 'email' and (
            key_value in (select generic_value from generic_values)
            or substr(key_value, 1, position_of('@', key_value) - 1) in (select generic_value from generic_values)
            or position_of('@', key_value) = 0
        )
        or key_kind = 'phone' and (
            length(key_value) < 8
            or digits_of(key_value) in (select generic_value from generic_values)
            or replace(substr(key_value, length(key_value) - 6), substr(key_value, length(key_value)), '') = ''
        )
        or key_kind = 'tax_id' and length(key_value) < 5
    ) as is_generic
from counted
