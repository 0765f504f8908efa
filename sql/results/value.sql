-- What each customer is worth: what they contributed, what tier that makes, and what they will bring within the horizon, from orders and from subscriptions, each counted once.
-- grain: customer_id
-- check: lifetime_value_low <= lifetime_value
-- check: lifetime_value <= lifetime_value_high
-- check: alive_probability is null or alive_probability between 0 and 1
-- expected_order_count: purchase days expected within the horizon; nine of ten customers alike stay between low and high
-- mean_order_amount: money expected of one purchase day, margin or revenue as set
-- order_value: discounted money of the orders expected
-- recurring_value: discounted money of the subscriptions that run
-- lifetime_value: both together; its high is never below it, though nineteen of twenty may bring nothing
-- tier_rests_on: known (cost of all goods), estimated (of some), revenue (no cost of goods is known anywhere) or nothing (no revenue in the window)
-- state: new, active, slipping or lapsed, by the probability of being alive; lapsed too when silent for longer than 99 of 100 gaps of the base and than twice the own mean gap
-- next_order_date: half of the customers alike will have ordered again by then, if they are alive; empty for the lapsed
with

settings as (
    select * from run.settings
),

purchases as (
    select * from features.value where snapshot_date = (select as_of_date from settings)
),

outlooks as (
    select
        to_integer(repeat_count) as repeat_count,
        to_integer(last_age_days) as last_age_days,
        to_integer(age_days) as age_days,
        alive_probability,
        expected_count,
        low_count,
        high_count,
        discounted_count,
        low_money,
        high_money,
        next_order_days
    from results.value_outlooks
),

means as (
    select * from results.value_means
),

tiers as (
    select * from results.value_tiers
),

subscriptions as (
    select * from results.subscription_values
),

limits as (
    select * from results.value_limits
),

customers as (
    select customer_id from tiers
    union all
    select customer_id from subscriptions
    where customer_id not in (select customer_id from tiers)
),

foretold as (
    select
        purchases.customer_id,
        purchases.order_count,
        purchases.repeat_count,
        purchases.total_amount,
        days_between(purchases.last_order_date, purchases.snapshot_date) as recency_days,
        ratio(purchases.last_age_days, purchases.repeat_count) as mean_gap_days,
        outlooks.alive_probability,
        outlooks.expected_count,
        outlooks.low_count,
        outlooks.high_count,
        outlooks.next_order_days,
        means.mean_amount,
        to_money(outlooks.discounted_count * means.mean_amount) as order_value,
        to_money(least(outlooks.low_money, outlooks.discounted_count) * means.mean_amount) as order_value_low,
        to_money(greatest(outlooks.high_money, outlooks.discounted_count) * means.mean_amount) as order_value_high
    from purchases
    inner join outlooks
        on purchases.repeat_count = outlooks.repeat_count
        and purchases.last_age_days = outlooks.last_age_days
        and purchases.age_days = outlooks.age_days
    inner join means
        on purchases.customer_id = means.customer_id
        and purchases.snapshot_date = means.snapshot_date
),

joined as (
    select
        customers.customer_id,
        coalesce(foretold.order_count, 0) as order_count,
        foretold.repeat_count,
        coalesce(foretold.total_amount, 0) as total_amount,
        foretold.alive_probability,
        foretold.expected_count,
        foretold.low_count,
        foretold.high_count,
        foretold.next_order_days,
        foretold.mean_amount,
        coalesce(foretold.order_value, 0) as order_value,
        coalesce(foretold.order_value_low, 0) as order_value_low,
        coalesce(foretold.order_value_high, 0) as order_value_high,
        coalesce(subscriptions.recurring_value, 0) as recurring_value,
        coalesce(subscriptions.recurring_value_low, 0) as recurring_value_low,
        coalesce(subscriptions.recurring_value_high, 0) as recurring_value_high,
        subscriptions.customer_id is not null as has_subscription,
        tiers.tier,
        tiers.rests_on,
        tiers.contribution_amount,
        case
            when subscriptions.customer_id is not null then 'active'
            when foretold.customer_id is null then 'lapsed'
            when foretold.recency_days > (select lapsed_after_days from limits)
                and foretold.recency_days > 2 * coalesce(foretold.mean_gap_days, 0) then 'lapsed'
            when foretold.alive_probability < 0.2e0 then 'lapsed'
            when foretold.alive_probability < 0.5e0 then 'slipping'
            when foretold.repeat_count = 0 then 'new'
            else 'active'
        end as state
    from customers
    left join foretold
        on customers.customer_id = foretold.customer_id
    left join subscriptions
        on customers.customer_id = subscriptions.customer_id
    left join tiers
        on customers.customer_id = tiers.customer_id
)

select
    joined.customer_id,
    joined.order_count,
    joined.total_amount,
    joined.contribution_amount,
    joined.alive_probability,
    joined.expected_count as expected_order_count,
    to_integer(joined.low_count) as expected_order_count_low,
    to_integer(greatest(joined.high_count, ceil(joined.expected_count))) as expected_order_count_high,
    to_money(joined.mean_amount) as mean_order_amount,
    case
        when joined.state <> 'lapsed' and joined.next_order_days < 3650
            then days_before((select as_of_date from settings), - round(joined.next_order_days))
    end as next_order_date,
    joined.order_value,
    joined.recurring_value,
    to_money(joined.order_value + joined.recurring_value) as lifetime_value,
    to_money(joined.order_value_low + joined.recurring_value_low) as lifetime_value_low,
    to_money(joined.order_value_high + joined.recurring_value_high) as lifetime_value_high,
    coalesce(joined.tier, 'D') as tier,
    coalesce(joined.rests_on, 'nothing') as tier_rests_on,
    joined.state,
    joined.has_subscription
from joined
