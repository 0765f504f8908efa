-- How the ways of choosing did on the horizon behind the snapshot whose turn it is, whose purchases none of them knew: customers who bought something offered, and what that brought.
-- grain: contender, offer_count
-- hit_count: customers who bought at least one of their first so many offers
-- expected_count: purchases foretold of all those offers; came_count of them came
-- difference_amount: what the model's offers brought more than these, summed over customers
with

turn as (
    select place from results.next_best_turn
),

holdings as (
    select * from features.next_best_holdings where place = (select place from turn)
),

outcomes as (
    select * from features.next_best_outcomes where place = (select place from turn)
),

candidates as (
    select * from results.next_best_candidates
),

lengths as (
    select 1 as offer_count
    union all
    select 5 as offer_count
    union all
    select 10 as offer_count
),

contenders as (
    select 'model' as contender
    union all
    select 'popular' as contender
    union all
    select 'repeats' as contender
),

customers as (
    select customer_id from holdings group by customer_id
),

earned as (
    select
        candidates.contender,
        lengths.offer_count,
        candidates.customer_id,
        sum(to_exact(candidates.probability)) as expected_count,
        count(outcomes.customer_id) as came_count,
        sum(coalesce(outcomes.outcome_margin, 0)) as amount
    from candidates
    inner join lengths
        on candidates.offer_rank <= lengths.offer_count
    left join outcomes
        on candidates.customer_id = outcomes.customer_id
        and candidates.product_number = outcomes.product_number
    group by candidates.contender, lengths.offer_count, candidates.customer_id
),

compared as (
    select
        contenders.contender,
        lengths.offer_count,
        coalesce(earned.expected_count, 0) as expected_count,
        coalesce(earned.came_count, 0) as came_count,
        coalesce(earned.amount, 0) as amount,
        coalesce(of_model.amount, 0) - coalesce(earned.amount, 0) as difference
    from customers
    cross join lengths
    cross join contenders
    left join earned
        on customers.customer_id = earned.customer_id
        and lengths.offer_count = earned.offer_count
        and contenders.contender = earned.contender
    left join earned as of_model
        on customers.customer_id = of_model.customer_id
        and lengths.offer_count = of_model.offer_count
        and of_model.contender = 'model'
)

select
    contender,
    offer_count,
    count(*) as customer_count,
    sum(case when came_count > 0 then 1 else 0 end) as hit_count,
    sum(expected_count) as expected_count,
    sum(came_count) as came_count,
    money_sum(amount) as amount,
    sum(to_square(amount)) as amount_squares,
    money_sum(difference) as difference_amount,
    sum(to_square(difference)) as difference_squares,
    sum(case when difference <> 0 then 1 else 0 end) as difference_count
from compared
group by contender, offer_count
