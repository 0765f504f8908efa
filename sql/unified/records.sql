-- Every record of a customer in any system: customers, contacts, and keys that only documents name.
-- grain: record_id
-- record_id: numbered by source, kind and key; stands for the record inside this run only
-- record_kind: customer or contact; a system may use the same key for one of each
with

customers as (
    select source, customer_key from staged.customers
),

contacts as (
    select source, contact_key from staged.contacts
),

orders as (
    select distinct source, customer_key from staged.orders
),

order_lines as (
    select distinct source, customer_key from staged.order_lines
),

invoices as (
    select distinct source, customer_key from staged.invoices
),

subscriptions as (
    select distinct source, customer_key from staged.subscriptions
),

usage as (
    select distinct source, customer_key from staged.usage
),

named as (
    select source, 'customer' as record_kind, customer_key as record_key from customers
    union all
    select source, 'contact' as record_kind, contact_key as record_key from contacts
    union all
    select source, 'customer' as record_kind, customer_key as record_key from orders
    union all
    select source, 'customer' as record_kind, customer_key as record_key from order_lines
    union all
    select source, 'customer' as record_kind, customer_key as record_key from invoices
    union all
    select source, 'customer' as record_kind, customer_key as record_key from subscriptions
    union all
    select source, 'customer' as record_kind, customer_key as record_key from usage
),

keys as (
    select distinct
        source,
        record_kind,
        record_key
    from named
    where record_key is not null
)

select
    to_integer(row_number() over (order by source, record_kind desc, record_key)) as record_id,
    source,
    record_kind,
    record_key
from keys
