-- What earlier runs foretold, held against what became of the customers by the as-of date, by tenths of the probability then.
-- grain: score_date, decile
-- decile: 1 is the tenth with the highest probability
-- is_over: whether the window of the forecast is over, the days of grace included; never of usage, of which only silence is told here; before, foretold_count is no yardstick for silent_count
-- foretold_count: sum of the probabilities
-- silent_count: customers without a purchase, a use or a running subscription since, up to the end of the window
with

settings as (
    select * from run.settings
),

forecasts as (
    select *
    from run.due_churn
    where churn_probability is not null
        and score_date < (select as_of_date from run.settings)
),

definition as (
    select * from features.churn_definition
),

allowed as (
    select
        max(definition.definition) as definition,
        max(case when definition.definition = 'subscriptions' then settings.churn_grace_days else 0 end) as grace_days
    from definition
    cross join settings
),

order_days as (
    select customer_id, order_date, annulled_date
    from features.order_days
    where order_count > 0
),

subscriptions as (
    select * from facts.subscriptions where is_counted
),

usage_days as (
    select * from facts.usage_days
),

placed as (
    select
        customer_id,
        score_date,
        to_exact(churn_probability) as churn_probability,
        least(days_before(score_date, - window_days), (select as_of_date from settings)) as last_date,
        days_between(score_date, (select as_of_date from settings)) >= window_days + (select grace_days from allowed)
            and (select definition from allowed) <> 'usage' as is_over,
        row_number() over (partition by score_date order by churn_probability desc, customer_id) as place,
        count(*) over (partition by score_date) as customer_count
    from forecasts
),

alive as (
    select
        placed.customer_id,
        placed.score_date
    from placed
    inner join order_days
        on placed.customer_id = order_days.customer_id
        and order_days.order_date > placed.score_date
        and order_days.order_date <= placed.last_date
        and coalesce(order_days.annulled_date > placed.last_date, 1 = 1)
    where (select max(definition) from definition) = 'orders'
    union
    select
        placed.customer_id,
        placed.score_date
    from placed
    inner join usage_days
        on placed.customer_id = usage_days.customer_id
        and usage_days.usage_date > placed.score_date
        and usage_days.usage_date <= placed.last_date
    where (select max(definition) from definition) = 'usage'
    union
    select
        placed.customer_id,
        placed.score_date
    from placed
    cross join allowed
    inner join subscriptions
        on placed.customer_id = subscriptions.customer_id
        and subscriptions.start_date <= days_before(placed.last_date, - allowed.grace_days)
        and coalesce(subscriptions.end_date > placed.last_date, 1 = 1)
    where allowed.definition = 'subscriptions'
),

tenths as (
    select
        placed.score_date,
        to_integer(floor((placed.place - 1) * 10e0 / placed.customer_count) + 1) as decile,
        placed.is_over,
        placed.churn_probability,
        case when alive.customer_id is null then 1 else 0 end as silent_count
    from placed
    left join alive
        on placed.customer_id = alive.customer_id
        and placed.score_date = alive.score_date
)

select
    score_date,
    decile,
    is_over,
    to_integer(count(*)) as customer_count,
    to_number(sum(churn_probability)) as foretold_count,
    to_integer(sum(silent_count)) as silent_count
from tenths
group by score_date, decile, is_over
order by score_date, decile
