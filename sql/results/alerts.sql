-- Breaks in their own pattern of active customers, first those with most at stake.
-- grain: customer_id, alert_code
-- alert_code: orders_late, slowdown, usage, payments, contact_silence or complaints; alert_kind the same in the language of the run
-- size: as it is now, in the unit of its kind; usual as it used to be
-- first_seen_date: the day it was first visible; of several the last
-- contribution_amount: of the last twelve months, what is at stake
with

signals as (
    select *
    from features.alert_signals
    where is_standing
),

churn as (
    select *
    from features.churn
    where purpose = 'score'
        and state = 'active'
),

customers as (
    select * from unified.customers
),

addresses as (
    select * from facts.permitted_addresses
),

model as (
    select * from results.churn_model
),

labels as (
    select * from results.churn_labels where column_name = 'alert_kind'
),

latest as (
    select
        *,
        row_number() over (partition by customer_id, alert_kind order by first_seen_date desc) as place
    from signals
)

select
    to_integer(row_number() over (
        order by churn.contribution_amount desc, latest.customer_id, latest.first_seen_date desc, latest.alert_kind
    )) as alert_rank,
    latest.customer_id,
    customers.customer_key,
    customers.customer_name,
    latest.alert_kind as alert_code,
    coalesce(labels.label, latest.alert_kind) as alert_kind,
    round(latest.size, 2) as size,
    round(latest.usual, 2) as usual,
    latest.first_seen_date,
    churn.contribution_amount,
    (select alert_action from model) as suggested_action,
    customers.owner_name,
    coalesce(addresses.permitted_channels, '') as permitted_channels
from latest
inner join churn
    on latest.customer_id = churn.customer_id
inner join customers
    on latest.customer_id = customers.customer_id
left join labels
    on latest.alert_kind = labels.word
left join addresses
    on latest.customer_id = addresses.customer_id
where latest.place = 1
order by alert_rank
