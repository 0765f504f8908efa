-- How likely each product on offer is bought by customers as busy, and its place among the products, on the snapshot whose turn it is.
-- grain: activity_class, product_number
-- probability: for the first time, the share of those as busy, drawn in to what is to be expected of them, by twenty trials at most
-- rival_probability: as what sells best counts it, again too, unless only new products are offered
-- rate_number: from 1, in no order of merit
with

turn as (
    select * from results.next_best_turn
),

products as (
    select product_number, purchase_money
    from features.next_best_products
    where place = (select place from turn)
        and is_offered
        and purchase_money > 0
),

popular as (
    select
        popular.activity_class,
        popular.product_number,
        popular.trial_count,
        popular.hit_count,
        ratio(
            popular.hit_count + least(20e0, turn.popular_weight) * popular.expected_rate,
            popular.trial_count + least(20e0, turn.popular_weight)
        ) as probability,
        ratio(
            popular.any_hit_count + least(20e0, turn.any_weight) * popular.any_expected_rate,
            popular.customer_count + least(20e0, turn.any_weight)
        ) as any_probability,
        turn.is_new_only,
        case when turn.is_new_only then popular.trial_count else popular.customer_count end as rival_trial_count,
        case when turn.is_new_only then popular.hit_count else popular.any_hit_count end as rival_hit_count,
        products.purchase_money
    from features.next_best_popular as popular
    inner join turn
        on popular.learn_for = turn.place
    inner join products
        on popular.product_number = products.product_number
    where popular.any_hit_count > 0
),

rated as (
    select
        *,
        case when is_new_only then probability else any_probability end as rival_probability
    from popular
)

select
    activity_class,
    product_number,
    trial_count,
    hit_count,
    probability,
    rival_trial_count,
    rival_hit_count,
    rival_probability,
    purchase_money,
    row_number() over (
        partition by activity_class
        order by rival_probability * purchase_money desc, rival_probability desc, product_number
    ) as rival_place,
    row_number() over (order by activity_class, product_number) as rate_number
from rated
