-- How likely each product is bought again, by where a customer stands, on the snapshot whose turn it is.
-- grain: product_number, rhythm_class, times_class, activity_class
-- check: probability between 0 and 1
-- factor: how many times as high the rate is at which the product is bought again as that of others
-- probability: the class's share, drawn in to that of all products at a rate so many times as high
with

turn as (
    select * from results.next_best_turn
),

factors as (
    select
        *,
        rate_factor(
            product_hit_count,
            product_expected_count,
            product_trial_count,
            (select product_shape from turn)
        ) as factor
    from features.next_best_again
    where learn_for = (select place from turn)
)

select
    product_number,
    rhythm_class,
    times_class,
    activity_class,
    trial_count,
    hit_count,
    class_rate,
    factor,
    ratio(
        hit_count + (select again_weight from turn) * raised_chance(class_rate, factor),
        trial_count + (select again_weight from turn)
    ) as probability
from factors
