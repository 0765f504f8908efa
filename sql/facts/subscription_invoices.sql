-- What billing has invoiced for subscriptions, one row a document, in the pipeline's currency.
-- grain: source, invoice_key
-- warn: has_subscription
-- has_subscription: false when the document names a subscription that no export knows
with

subscriptions as (
    select * from facts.subscriptions
),

invoices as (
    select * from facts.invoices where subscription_key is not null
),

documents as (
    select source, invoice_key from staged.invoices where subscription_key is not null
)

select
    documents.source,
    documents.invoice_key,
    invoices.subscription_key,
    subscriptions.subscription_id,
    invoices.invoice_date,
    invoices.invoice_amount,
    subscriptions.subscription_id is not null as has_subscription
from invoices
inner join documents
    on invoices.invoice_id = key_hash(documents.source, 'invoice', documents.invoice_key)
left join subscriptions
    on documents.source = subscriptions.source
    and invoices.subscription_key = subscriptions.subscription_key
