-- The rows of value.csv: what each customer is worth beside the keys and names that people know.
-- grain: customer_id
-- state_label: state in the language of the run
-- tier_rests_on_label: tier_rests_on in the language of the run
with

value as (
    select * from results.value
),

customers as (
    select * from unified.customers
),

state_labels as (
    select * from results.value_labels where column_name = 'state'
),

basis_labels as (
    select * from results.value_labels where column_name = 'tier_rests_on'
)

select
    value.customer_id,
    customers.customer_key,
    customers.customer_name,
    value.order_count,
    value.total_amount,
    value.contribution_amount,
    round(value.alive_probability, 4) as alive_probability,
    round(value.expected_order_count, 4) as expected_order_count,
    value.expected_order_count_low,
    value.expected_order_count_high,
    value.mean_order_amount,
    value.next_order_date,
    value.order_value,
    value.recurring_value,
    value.lifetime_value,
    value.lifetime_value_low,
    value.lifetime_value_high,
    value.tier,
    value.state,
    coalesce(state_labels.label, value.state) as state_label,
    value.tier_rests_on,
    coalesce(basis_labels.label, value.tier_rests_on) as tier_rests_on_label
from value
inner join customers
    on value.customer_id = customers.customer_id
left join state_labels
    on value.state = state_labels.word
left join basis_labels
    on value.tier_rests_on = basis_labels.word
