-- The thousand subscriptions without an invoice that miss most money; names of persons masked unless the pipeline says otherwise.
-- grain: source, subscription_key
-- leak_rank: 1 misses most
-- is_never_billed: false when it was invoiced once and billing has stopped
-- missing_amount: its price for the time that no invoice covers
with

settings as (
    select * from run.settings
),

billing as (
    select * from features.subscription_billing where is_never_billed or is_billing_stopped
),

ranked as (
    select
        *,
        row_number() over (order by missing_amount desc, source, subscription_key) as leak_rank
    from billing
),

customers as (
    select * from unified.customers
)

select
    to_integer(billing.leak_rank) as leak_rank,
    billing.source,
    billing.subscription_key,
    billing.customer_id,
    customers.customer_key,
    shown_name(
        customers.customer_name,
        customers.customer_kind,
        (select mask_names from settings)
    ) as customer_name,
    billing.plan_name,
    billing.start_date,
    billing.last_invoice_date,
    billing.monthly_amount,
    billing.missing_amount,
    billing.is_never_billed
from ranked as billing
inner join customers
    on billing.customer_id = customers.customer_id
where billing.leak_rank <= 1000
order by billing.leak_rank
