-- How likely each product on offer is bought for the first time by customers as busy who have lately bought no product that leads to it, on the snapshot whose turn it is.
-- grain: activity_class, product_number
-- check: probability between 0 and 1
-- probability: that of all as busy, at a rate as many times as high as the product has over all classes where no lift of a pair above 1.2 speaks for it, drawn in by ten purchases; rules of several products are not looked at
-- hit_count: to be expected of trial_count such customers, once a snapshot: what is left of all when the others are taken off by their lifts
with

turn as (
    select * from results.next_best_turn
),

rates as (
    select * from results.next_best_popular_rates
),

lifts as (
    select first_number, band, second_number, lift from results.next_best_lifts where lift > 1.2e0
),

holdings as (
    select * from features.next_best_holdings where place > (select place from turn)
),

led as (
    select
        holdings.customer_id,
        holdings.place,
        holdings.activity_class,
        to_integer(lifts.second_number) as product_number,
        max(lifts.lift) as lift
    from holdings
    inner join lifts
        on holdings.product_number = lifts.first_number
        and holdings.band = lifts.band
    where holdings.is_latest
    group by holdings.customer_id, holdings.place, holdings.activity_class, lifts.second_number
),

-- By their lifts and not as counted: what is led was chosen for having come often, by chance too.
led_counts as (
    select
        led.activity_class,
        led.product_number,
        count(*) as trial_count,
        sum(to_exact(least(0.99e0, rates.probability * led.lift))) as hit_count
    from led
    inner join rates
        on led.activity_class = rates.activity_class
        and led.product_number = rates.product_number
    left join holdings
        on led.customer_id = holdings.customer_id
        and led.place = holdings.place
        and led.product_number = holdings.product_number
    where holdings.customer_id is null
    group by led.activity_class, led.product_number
),

counted as (
    select
        rates.activity_class,
        rates.product_number,
        rates.rate_number,
        rates.purchase_money,
        rates.probability,
        rates.trial_count - coalesce(led_counts.trial_count, 0) as trial_count,
        rates.trial_count * rates.probability - coalesce(to_number(led_counts.hit_count), 0e0) as hit_count
    from rates
    left join led_counts
        on rates.activity_class = led_counts.activity_class
        and rates.product_number = led_counts.product_number
),

factors as (
    select
        product_number,
        rate_factor(
            greatest(0e0, to_number(sum(to_exact(hit_count)))),
            to_number(sum(to_exact(trial_count * probability))),
            sum(trial_count),
            10e0
        ) as factor
    from counted
    group by product_number
)

select
    counted.activity_class,
    counted.product_number,
    counted.rate_number,
    counted.purchase_money,
    to_integer(counted.trial_count) as trial_count,
    to_integer(greatest(0e0, round(counted.hit_count))) as hit_count,
    raised_chance(counted.probability, factors.factor) as probability
from counted
inner join factors
    on counted.product_number = factors.product_number
