-- How many customers bought a product again within the horizon, by where they stood in their own rhythm with it and how busy they were.
-- grain: learn_for, product_number, rhythm_class, times_class, activity_class
-- check: hit_count <= trial_count
-- learn_for: the place that may know it, of the last four horizons: those long silent were rarer and less silent in an older past
-- class_rate: over all products, drawn in by twenty trials to what its rhythm and times tell of all (itself drawn in by ten), at a rate as many times as high as those as busy buy again
-- product_hit_count: over all classes of the product, of product_trial_count; product_expected_count were it like all others
with

targets as (
    select place as learn_for from features.next_best_snapshots where place <= 2
),

rhythms as (
    select * from features.next_best_rhythms
),

outcomes as (
    select * from features.next_best_outcomes
),

counted as (
    select
        rhythms.place,
        rhythms.product_number,
        rhythms.rhythm_class,
        rhythms.times_class,
        rhythms.activity_class,
        count(*) as trial_count,
        count(outcomes.customer_id) as hit_count
    from rhythms
    left join outcomes
        on rhythms.customer_id = outcomes.customer_id
        and rhythms.place = outcomes.place
        and rhythms.product_number = outcomes.product_number
    group by
        rhythms.place,
        rhythms.product_number,
        rhythms.rhythm_class,
        rhythms.times_class,
        rhythms.activity_class
),

summed as (
    select
        targets.learn_for,
        counted.product_number,
        counted.rhythm_class,
        counted.times_class,
        counted.activity_class,
        sum(counted.trial_count) as trial_count,
        sum(counted.hit_count) as hit_count
    from counted
    inner join targets
        on counted.place > targets.learn_for
        and counted.place <= targets.learn_for + 4
    group by
        targets.learn_for,
        counted.product_number,
        counted.rhythm_class,
        counted.times_class,
        counted.activity_class
),

counted_classes as (
    select
        learn_for,
        rhythm_class,
        times_class,
        activity_class,
        sum(trial_count) as trial_count,
        sum(hit_count) as hit_count
    from summed
    group by learn_for, rhythm_class, times_class, activity_class
),

all_classes as (
    select
        learn_for,
        ratio(sum(hit_count), sum(trial_count)) as all_rate
    from counted_classes
    group by learn_for
),

stages as (
    select
        counted_classes.learn_for,
        counted_classes.rhythm_class,
        counted_classes.times_class,
        ratio(
            sum(counted_classes.hit_count) + 10e0 * max(all_classes.all_rate),
            sum(counted_classes.trial_count) + 10e0
        ) as stage_rate
    from counted_classes
    inner join all_classes
        on counted_classes.learn_for = all_classes.learn_for
    group by counted_classes.learn_for, counted_classes.rhythm_class, counted_classes.times_class
),

staged as (
    select
        counted_classes.*,
        stages.stage_rate
    from counted_classes
    inner join stages
        on counted_classes.learn_for = stages.learn_for
        and counted_classes.rhythm_class = stages.rhythm_class
        and counted_classes.times_class = stages.times_class
),

factors as (
    select
        learn_for,
        activity_class,
        rate_factor(
            sum(hit_count),
            to_number(sum(to_exact(trial_count * stage_rate))),
            sum(trial_count),
            10e0
        ) as factor
    from staged
    group by learn_for, activity_class
),

classes as (
    select
        staged.learn_for,
        staged.rhythm_class,
        staged.times_class,
        staged.activity_class,
        ratio(
            staged.hit_count + 20e0 * raised_chance(staged.stage_rate, factors.factor),
            staged.trial_count + 20e0
        ) as class_rate
    from staged
    inner join factors
        on staged.learn_for = factors.learn_for
        and staged.activity_class = factors.activity_class
),

rated as (
    select
        summed.*,
        classes.class_rate
    from summed
    inner join classes
        on summed.learn_for = classes.learn_for
        and summed.rhythm_class = classes.rhythm_class
        and summed.times_class = classes.times_class
        and summed.activity_class = classes.activity_class
),

products as (
    select
        learn_for,
        product_number,
        sum(trial_count) as trial_count,
        sum(hit_count) as hit_count,
        to_number(sum(to_exact(trial_count * class_rate))) as expected_count
    from rated
    group by learn_for, product_number
)

select
    rated.learn_for,
    rated.product_number,
    rated.rhythm_class,
    rated.times_class,
    rated.activity_class,
    to_integer(rated.trial_count) as trial_count,
    to_integer(rated.hit_count) as hit_count,
    rated.class_rate,
    to_integer(products.trial_count) as product_trial_count,
    to_integer(products.hit_count) as product_hit_count,
    products.expected_count as product_expected_count
from rated
inner join products
    on rated.learn_for = products.learn_for
    and rated.product_number = products.product_number
order by rated.learn_for, rated.product_number, rated.rhythm_class, rated.times_class, rated.activity_class
