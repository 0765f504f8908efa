-- How each forecast did in money: its errors, and of the customers who turned out to be the top tenth, how many it would have named and what the customers it names brought.
-- grain: forecast
-- forecast: the place of the forecast among those tried
-- list_count: customers on each list, a tenth of those in the backtest
-- found_count: of the true top tenth, those on the forecast's list
-- found_amount: money that the customers of the list brought
-- best_amount: money of the true top tenth
-- amount_mae: of money foretold against money that came, a customer; amount_bias as a share of what came
with

snapshots as (
    select * from features.value_snapshots where purpose = 'backtest' and place = 1
),

purchases as (
    select * from features.value
),

outcomes as (
    select * from features.purchase_outcomes
),

forecasts as (
    select * from results.value_trials
),

means as (
    select * from results.value_means
),

known as (
    select
        purchases.customer_id,
        purchases.snapshot_date,
        purchases.repeat_count,
        purchases.last_age_days,
        purchases.age_days,
        purchases.amount,
        means.mean_amount,
        outcomes.outcome_amount,
        row_number() over (order by outcomes.outcome_amount desc, purchases.customer_id) as true_place
    from purchases
    inner join snapshots
        on purchases.snapshot_date = snapshots.snapshot_date
    inner join outcomes
        on purchases.customer_id = outcomes.customer_id
        and purchases.snapshot_date = outcomes.snapshot_date
    inner join means
        on purchases.customer_id = means.customer_id
        and purchases.snapshot_date = means.snapshot_date
),

sizes as (
    select greatest(1, to_integer(ceil(count(*) / 1e1))) as list_count from known
),

listed as (
    select
        forecasts.forecast,
        known.customer_id,
        known.outcome_amount,
        known.true_place,
        to_money(forecasts.expected_count * known.mean_amount) as expected_amount,
        row_number() over (
            partition by forecasts.forecast
            order by forecasts.expected_count * known.mean_amount desc, known.amount desc, known.customer_id
        ) as place
    from known
    inner join forecasts
        on known.repeat_count = forecasts.repeat_count
        and known.last_age_days = forecasts.last_age_days
        and known.age_days = forecasts.age_days
),

best as (
    select coalesce(sum(outcome_amount), 0) as best_amount
    from known
    where true_place <= (select list_count from sizes)
        and outcome_amount > 0
)

select
    forecast,
    (select list_count from sizes) as list_count,
    sum(case
        when place <= (select list_count from sizes) and true_place <= (select list_count from sizes) and outcome_amount > 0
            then 1
        else 0
    end) as found_count,
    sum(case when place <= (select list_count from sizes) then outcome_amount else 0 end) as found_amount,
    (select best_amount from best) as best_amount,
    ratio(sum(abs(expected_amount - outcome_amount)), count(*)) as amount_mae,
    sqrt(ratio(sum(to_square(expected_amount - outcome_amount)), count(*))) as amount_rmse,
    ratio(sum(expected_amount - outcome_amount), sum(outcome_amount)) as amount_bias
from listed
group by forecast
order by forecast
