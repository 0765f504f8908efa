-- How many customers bought a product within the horizon who had not bought it before, by how busily they had bought.
-- grain: learn_for, activity_class, product_number
-- learn_for: the place that may know it
-- trial_count: customers, once a snapshot, who had not bought it
-- hit_count: of them, those who bought it within the horizon
-- any_hit_count: those who bought it, for the first time or again, of customer_count
-- expected_rate: that of the product over all classes, at a rate as many times as high as the class's own is, drawn in by ten purchases; any_expected_rate likewise
with

targets as (
    select place as learn_for from features.next_best_snapshots where place <= 2
),

holdings as (
    select * from features.next_best_holdings where place > 0
),

outcomes as (
    select * from features.next_best_outcomes
),

products as (
    select place as learn_for, product_number from features.next_best_products where place <= 2
),

customers as (
    select * from features.next_best_customers where place > 0
),

owners as (
    select
        place,
        activity_class,
        product_number,
        count(*) as owner_count
    from holdings
    group by place, activity_class, product_number
),

bought as (
    select
        customers.place,
        customers.activity_class,
        outcomes.product_number,
        count(*) as any_hit_count,
        sum(case when holdings.customer_id is null then 1 else 0 end) as hit_count
    from outcomes
    inner join customers
        on outcomes.customer_id = customers.customer_id
        and outcomes.place = customers.place
    left join holdings
        on outcomes.customer_id = holdings.customer_id
        and outcomes.place = holdings.place
        and outcomes.product_number = holdings.product_number
    group by customers.place, customers.activity_class, outcomes.product_number
),

sizes as (
    select
        targets.learn_for,
        customers.activity_class,
        count(*) as customer_count
    from customers
    inner join targets
        on customers.place > targets.learn_for
    group by targets.learn_for, customers.activity_class
),

counted as (
    select
        place,
        activity_class,
        product_number,
        owner_count,
        0 as hit_count,
        0 as any_hit_count
    from owners
    union all
    select
        place,
        activity_class,
        product_number,
        0 as owner_count,
        hit_count,
        any_hit_count
    from bought
),

summed as (
    select
        targets.learn_for,
        counted.activity_class,
        counted.product_number,
        sum(counted.owner_count) as owner_count,
        sum(counted.hit_count) as hit_count,
        sum(counted.any_hit_count) as any_hit_count
    from counted
    inner join targets
        on counted.place > targets.learn_for
    group by targets.learn_for, counted.activity_class, counted.product_number
),

filled as (
    select
        sizes.learn_for,
        sizes.activity_class,
        products.product_number,
        to_integer(sizes.customer_count) as customer_count,
        to_integer(sizes.customer_count - coalesce(summed.owner_count, 0)) as trial_count,
        to_integer(coalesce(summed.hit_count, 0)) as hit_count,
        to_integer(coalesce(summed.any_hit_count, 0)) as any_hit_count
    from sizes
    inner join products
        on sizes.learn_for = products.learn_for
    left join summed
        on sizes.learn_for = summed.learn_for
        and sizes.activity_class = summed.activity_class
        and products.product_number = summed.product_number
),

totals as (
    select
        learn_for,
        product_number,
        coalesce(ratio(sum(hit_count), sum(trial_count)), 0e0) as product_rate,
        ratio(sum(any_hit_count), sum(customer_count)) as any_product_rate
    from filled
    group by learn_for, product_number
),

rated as (
    select
        filled.*,
        totals.product_rate,
        totals.any_product_rate
    from filled
    inner join totals
        on filled.learn_for = totals.learn_for
        and filled.product_number = totals.product_number
),

factors as (
    select
        learn_for,
        activity_class,
        rate_factor(
            sum(hit_count),
            to_number(sum(to_exact(trial_count * product_rate))),
            sum(trial_count),
            10e0
        ) as factor,
        rate_factor(
            sum(any_hit_count),
            to_number(sum(to_exact(customer_count * any_product_rate))),
            sum(customer_count),
            10e0
        ) as any_factor
    from rated
    group by learn_for, activity_class
)

select
    rated.learn_for,
    rated.activity_class,
    rated.product_number,
    rated.customer_count,
    rated.trial_count,
    rated.hit_count,
    rated.any_hit_count,
    raised_chance(rated.product_rate, factors.factor) as expected_rate,
    raised_chance(rated.any_product_rate, factors.any_factor) as any_expected_rate
from rated
inner join factors
    on rated.learn_for = factors.learn_for
    and rated.activity_class = factors.activity_class
