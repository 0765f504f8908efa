-- What each way of choosing would offer each customer, best first, on the snapshot whose turn it is.
-- grain: contender, customer_id, offer_rank
-- check: probability between 0 and 1
-- contender: model, popular (what sells best), repeats (what the customer has bought most)
-- kind: after (another product was bought), again (the rhythm says it is due), popular
-- expected_money: probability times the money of one purchase; ranks all three ways alike
with

turn as (
    select * from results.next_best_turn
),

holdings as (
    select * from features.next_best_holdings
    where place = (select place from turn)
),

customers as (
    select
        customer_id,
        activity_class
    from features.next_best_customers
    where place = (select place from turn)
),

rhythms as (
    select * from features.next_best_rhythms
    where place = (select place from turn)
),

products as (
    select product_number, purchase_money
    from features.next_best_products
    where place = (select place from turn)
        and is_offered
        and purchase_money > 0
),

product_rates as (
    select
        *,
        least(0.99e0, class_rate * ratio(
            product_hit_count + (select product_shape from turn),
            product_expected_count + (select product_shape from turn)
        )) as product_rate
    from features.next_best_again
    where learn_for = (select place from turn)
),

again_rates as (
    select
        *,
        ratio(
            hit_count + (select again_weight from turn) * product_rate,
            trial_count + (select again_weight from turn)
        ) as probability
    from product_rates
),

popular as (
    select
        popular.activity_class,
        popular.product_number,
        popular.trial_count,
        popular.hit_count,
        ratio(popular.hit_count, popular.trial_count) as probability,
        case
            when (select is_new_only from turn) then ratio(popular.hit_count, popular.trial_count)
            else ratio(popular.any_hit_count, popular.customer_count)
        end as rival_probability,
        products.purchase_money
    from features.next_best_popular as popular
    inner join products
        on popular.product_number = products.product_number
    where popular.learn_for = (select place from turn)
        and popular.hit_count > 0
),

best_sellers as (
    select
        *,
        row_number() over (
            partition by activity_class
            order by probability * purchase_money desc, product_number
        ) as new_place,
        row_number() over (
            partition by activity_class
            order by rival_probability * purchase_money desc, product_number
        ) as rival_place
    from popular
),

lifted as (
    select
        after.first_number,
        after.band,
        after.second_number,
        after.trial_count,
        after.hit_count,
        lifts.lift
    from features.next_best_after as after
    inner join results.next_best_lifts as lifts
        on after.first_number = lifts.first_number
        and after.band = lifts.band
        and after.second_number = lifts.second_number
    where after.learn_for = (select place from turn)
),

placed_rates as (
    select
        lifted.first_number,
        lifted.band,
        popular.activity_class,
        lifted.second_number,
        lifted.trial_count,
        lifted.hit_count,
        lifted.lift,
        least(0.99e0, popular.probability * lifted.lift) as probability,
        row_number() over (
            partition by lifted.first_number, lifted.band, popular.activity_class
            order by popular.probability * lifted.lift * popular.purchase_money desc, lifted.second_number
        ) as own_place,
        row_number() over (
            order by
                popular.probability * lifted.lift,
                lifted.first_number desc,
                lifted.band desc,
                lifted.second_number desc,
                popular.activity_class desc
        ) as rate_place
    from lifted
    inner join popular
        on lifted.second_number = popular.product_number
    where lifted.lift > 1.2e0
        and popular.probability * lifted.lift >= (select min_probability from turn)
),

after_rates as (
    select * from placed_rates where own_place <= 20
),

latest as (
    select
        customer_id,
        product_number,
        band,
        row_number() over (
            partition by customer_id
            order by last_date desc, purchase_count desc, product_number
        ) as latest_place
    from holdings
    where not is_returned
        and (select ships from turn) in ('all', 'model')
),

led_to as (
    select
        latest.customer_id,
        after_rates.second_number as product_number,
        max(after_rates.rate_place) as rate_place
    from latest
    inner join customers
        on latest.customer_id = customers.customer_id
    inner join after_rates
        on latest.product_number = after_rates.first_number
        and latest.band = after_rates.band
        and customers.activity_class = after_rates.activity_class
    where latest.latest_place <= 20
    group by latest.customer_id, after_rates.second_number
),

owned as (
    select
        holdings.customer_id,
        holdings.product_number,
        holdings.purchase_count,
        holdings.last_date,
        rhythms.rhythm_class,
        rhythms.times_class,
        rhythms.activity_class,
        products.purchase_money
    from holdings
    inner join rhythms
        on holdings.customer_id = rhythms.customer_id
        and holdings.product_number = rhythms.product_number
    inner join products
        on holdings.product_number = products.product_number
    where not holdings.is_returned
),

again as (
    select
        owned.customer_id,
        owned.product_number,
        owned.purchase_count,
        owned.last_date,
        again_rates.trial_count,
        again_rates.hit_count,
        coalesce(again_rates.probability, 0e0) as probability,
        owned.purchase_money
    from owned
    left join again_rates
        on owned.product_number = again_rates.product_number
        and owned.rhythm_class = again_rates.rhythm_class
        and owned.times_class = again_rates.times_class
        and owned.activity_class = again_rates.activity_class
),

chosen as (
    select
        1 as contender_number,
        led_to.customer_id,
        led_to.product_number,
        1 as kind_number,
        led_to.rate_place,
        after_rates.trial_count,
        after_rates.hit_count,
        after_rates.probability,
        after_rates.probability * products.purchase_money as expected_money
    from led_to
    inner join after_rates
        on led_to.rate_place = after_rates.rate_place
    inner join products
        on led_to.product_number = products.product_number
    left join holdings
        on led_to.customer_id = holdings.customer_id
        and led_to.product_number = holdings.product_number
    where holdings.customer_id is null
        and (select ships from turn) in ('all', 'model')
    union all
    select
        1 as contender_number,
        again.customer_id,
        again.product_number,
        2 as kind_number,
        0 as rate_place,
        again.trial_count,
        again.hit_count,
        again.probability,
        again.probability * again.purchase_money as expected_money
    from again
    where again.probability >= (select min_probability from turn)
        and (select ships from turn) in ('all', 'model')
        and not (select is_new_only from turn)
    union all
    select
        1 as contender_number,
        customers.customer_id,
        best_sellers.product_number,
        3 as kind_number,
        0 as rate_place,
        best_sellers.trial_count,
        best_sellers.hit_count,
        best_sellers.probability,
        best_sellers.probability * best_sellers.purchase_money as expected_money
    from customers
    inner join best_sellers
        on customers.activity_class = best_sellers.activity_class
    left join led_to
        on customers.customer_id = led_to.customer_id
        and best_sellers.product_number = led_to.product_number
    left join holdings
        on customers.customer_id = holdings.customer_id
        and best_sellers.product_number = holdings.product_number
    where best_sellers.new_place <= 3 * (select offer_count from turn)
        and best_sellers.probability >= (select min_probability from turn)
        and led_to.customer_id is null
        and holdings.customer_id is null
        and (select ships from turn) in ('all', 'model')
    union all
    select
        2 as contender_number,
        customers.customer_id,
        best_sellers.product_number,
        3 as kind_number,
        0 as rate_place,
        best_sellers.trial_count,
        best_sellers.hit_count,
        best_sellers.rival_probability as probability,
        best_sellers.rival_probability * best_sellers.purchase_money as expected_money
    from customers
    inner join best_sellers
        on customers.activity_class = best_sellers.activity_class
    left join holdings
        on customers.customer_id = holdings.customer_id
        and best_sellers.product_number = holdings.product_number
        and (holdings.is_returned or (select is_new_only from turn))
    where best_sellers.rival_place <= 2 * (select offer_count from turn)
        and holdings.customer_id is null
        and (select ships from turn) in ('all', 'popular')
    union all
    select
        3 as contender_number,
        again.customer_id,
        again.product_number,
        2 as kind_number,
        0 as rate_place,
        again.trial_count,
        again.hit_count,
        again.probability,
        again.purchase_count * again.purchase_money as expected_money
    from again
    where (select ships from turn) in ('all', 'repeats')
        and not (select is_new_only from turn)
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, contender_number
            order by expected_money desc, probability desc, product_number
        ) as offer_rank
    from chosen
)

select
    case ranked.contender_number
        when 1 then 'model'
        when 2 then 'popular'
        else 'repeats'
    end as contender,
    ranked.customer_id,
    to_integer(ranked.offer_rank) as offer_rank,
    ranked.product_number,
    case ranked.kind_number
        when 1 then 'after'
        when 2 then 'again'
        else 'popular'
    end as kind,
    case
        when ranked.kind_number = 1 then after_rates.first_number
        when ranked.kind_number = 2 then ranked.product_number
    end as first_number,
    ranked.trial_count,
    ranked.hit_count,
    after_rates.lift,
    ranked.probability,
    to_money(ranked.probability * products.purchase_money) as expected_money
from ranked
inner join products
    on ranked.product_number = products.product_number
left join after_rates
    on ranked.rate_place = after_rates.rate_place
where ranked.offer_rank <= (select offer_count from turn)
