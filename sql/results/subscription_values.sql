-- What the subscriptions that run are worth from the as-of date to the horizon, a row a customer.
-- grain: customer_id
-- check: recurring_value_low <= recurring_value and recurring_value <= recurring_value_high
-- expected_remaining_months: within the horizon, undiscounted; of several subscriptions the mean, weighted with their price
-- recurring_value: monthly margin by the discounted months that are expected
-- recurring_value_low: lower end of the 95 % interval of that expectation, which is not the range of what may happen to one customer
with

subscriptions as (
    select * from facts.subscriptions where is_active
),

states as (
    select * from results.subscription_states
),

valued as (
    select
        subscriptions.customer_id,
        subscriptions.monthly_amount,
        to_money(subscriptions.monthly_amount * states.expected_months) as expected_amount,
        states.expected_months,
        to_money(subscriptions.monthly_amount * states.value_months) as recurring_value,
        to_money(subscriptions.monthly_amount * states.value_months_low) as recurring_value_low,
        to_money(subscriptions.monthly_amount * states.value_months_high) as recurring_value_high
    from subscriptions
    inner join states
        on subscriptions.plan_name = states.plan_name
        and subscriptions.interval_days = states.interval_days
        and subscriptions.tenure_days = states.tenure_days
)

select
    customer_id,
    to_integer(count(*)) as subscription_count,
    money_sum(monthly_amount) as monthly_amount,
    round(coalesce(ratio(sum(expected_amount), sum(monthly_amount)), max(expected_months)), 4) as expected_remaining_months,
    money_sum(recurring_value) as recurring_value,
    money_sum(recurring_value_low) as recurring_value_low,
    money_sum(recurring_value_high) as recurring_value_high
from valued
group by customer_id
