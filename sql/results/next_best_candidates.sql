-- What each way of choosing would offer each customer, best first, on the snapshot whose turn it is.
-- grain: contender, customer_id, offer_rank
-- check: probability between 0 and 1
-- contender: model, popular (what sells best), repeats (what the customer has bought most)
-- kind: after (another product was bought), again (the rhythm says it is due), popular; of what sells best the first 30 are looked at for the model and 20 for the rival, however many are offered, so that what is tried is what ships
-- expected_money: probability times the money of one purchase; what the customer bought most is ranked by purchases times that money
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

products as (
    select product_number, purchase_money, mean_gap_days
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

class_rates as (
    select
        rhythm_class,
        times_class,
        activity_class,
        max(class_rate) as class_rate
    from product_rates
    group by rhythm_class, times_class, activity_class
),

all_rates as (
    select ratio(sum(hit_count), sum(trial_count)) as all_rate from product_rates
),

product_factors as (
    select
        product_number,
        max(ratio(
            product_hit_count + (select product_shape from turn),
            product_expected_count + (select product_shape from turn)
        )) as factor
    from product_rates
    group by product_number
),

popular as (
    select
        popular.activity_class,
        popular.product_number,
        popular.trial_count,
        popular.hit_count,
        coalesce(ratio(popular.hit_count, popular.trial_count), 0e0) as probability,
        case when turn.is_new_only then popular.trial_count else popular.customer_count end as rival_trial_count,
        case when turn.is_new_only then popular.hit_count else popular.any_hit_count end as rival_hit_count,
        case
            when turn.is_new_only then coalesce(ratio(popular.hit_count, popular.trial_count), 0e0)
            else ratio(popular.any_hit_count, popular.customer_count)
        end as rival_probability,
        products.purchase_money,
        turn.ships,
        turn.min_probability
    from features.next_best_popular as popular
    inner join turn
        on popular.learn_for = turn.place
    inner join products
        on popular.product_number = products.product_number
    where popular.any_hit_count > 0
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
        ) as rival_place,
        row_number() over (order by activity_class, product_number) as seller_place
    from popular
),

new_sellers as (
    select * from best_sellers
    where new_place <= 30
        and hit_count > 0
        and probability >= min_probability
        and ships in ('all', 'model')
),

rival_sellers as (
    select * from best_sellers
    where rival_place <= 20
        and rival_hit_count > 0
        and ships in ('all', 'popular')
        and rival_probability >= min_probability
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
        popular.purchase_money,
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
        and popular.hit_count > 0
        and popular.probability * lifted.lift >= popular.min_probability
),

after_rates as (
    select * from placed_rates where own_place <= 20
),

latest as (
    select
        holdings.customer_id,
        customers.activity_class,
        holdings.product_number,
        holdings.band,
        row_number() over (
            partition by holdings.customer_id
            order by holdings.last_date desc, holdings.purchase_count desc, holdings.product_number
        ) as latest_place
    from holdings
    inner join customers
        on holdings.customer_id = customers.customer_id
    where not holdings.is_returned
        and (select ships from turn) in ('all', 'model')
),

rates as (
    select
        rate_place,
        1 as kind_number,
        first_number,
        second_number as product_number,
        trial_count,
        hit_count,
        lift,
        probability,
        probability * purchase_money as expected_money
    from after_rates
    union all
    select
        -seller_place as rate_place,
        3 as kind_number,
        empty_integer() as first_number,
        product_number,
        trial_count,
        hit_count,
        empty_number() as lift,
        probability,
        probability * purchase_money as expected_money
    from new_sellers
),

suggested as (
    select
        latest.customer_id,
        after_rates.second_number as product_number,
        after_rates.rate_place
    from latest
    inner join after_rates
        on latest.product_number = after_rates.first_number
        and latest.band = after_rates.band
        and latest.activity_class = after_rates.activity_class
    where latest.latest_place <= 20
    union all
    select
        customers.customer_id,
        new_sellers.product_number,
        -new_sellers.seller_place as rate_place
    from customers
    inner join new_sellers
        on customers.activity_class = new_sellers.activity_class
),

led_to as (
    select
        customer_id,
        product_number,
        max(rate_place) as rate_place
    from suggested
    group by customer_id, product_number
),

unwanted as (
    select customer_id, product_number from holdings
    where is_returned
        or (select is_new_only from turn)
),

owned as (
    select
        holdings.customer_id,
        holdings.product_number,
        holdings.purchase_count,
        rhythm_class(
            holdings.elapsed_days,
            ratio(
                days_between(holdings.first_date, holdings.last_date) + products.mean_gap_days,
                holdings.purchase_count
            )
        ) as rhythm_class,
        times_class(holdings.purchase_count) as times_class,
        customers.activity_class,
        products.purchase_money
    from holdings
    inner join customers
        on holdings.customer_id = customers.customer_id
    inner join products
        on holdings.product_number = products.product_number
    where not holdings.is_returned
        and (select ships from turn) in ('all', 'model', 'repeats')
        and not (select is_new_only from turn)
),

again as (
    select
        owned.customer_id,
        owned.product_number,
        owned.purchase_count,
        coalesce(again_rates.trial_count, 0) as trial_count,
        coalesce(again_rates.hit_count, 0) as hit_count,
        coalesce(
            again_rates.probability,
            least(
                0.99e0,
                coalesce(class_rates.class_rate, all_rates.all_rate, 0e0) * coalesce(product_factors.factor, 1e0)
            )
        ) as probability,
        owned.purchase_money
    from owned
    cross join all_rates
    left join again_rates
        on owned.product_number = again_rates.product_number
        and owned.rhythm_class = again_rates.rhythm_class
        and owned.times_class = again_rates.times_class
        and owned.activity_class = again_rates.activity_class
    left join class_rates
        on owned.rhythm_class = class_rates.rhythm_class
        and owned.times_class = class_rates.times_class
        and owned.activity_class = class_rates.activity_class
    left join product_factors
        on owned.product_number = product_factors.product_number
),

chosen as (
    select
        1 as contender_number,
        led_to.customer_id,
        led_to.product_number,
        rates.kind_number,
        rates.first_number,
        rates.trial_count,
        rates.hit_count,
        rates.lift,
        rates.probability,
        rates.expected_money
    from led_to
    inner join rates
        on led_to.rate_place = rates.rate_place
    left join holdings
        on led_to.customer_id = holdings.customer_id
        and led_to.product_number = holdings.product_number
    where holdings.customer_id is null
    union all
    select
        1 as contender_number,
        customer_id,
        product_number,
        2 as kind_number,
        product_number as first_number,
        trial_count,
        hit_count,
        empty_number() as lift,
        probability,
        probability * purchase_money as expected_money
    from again
    where probability >= (select min_probability from turn)
        and (select ships from turn) in ('all', 'model')
    union all
    select
        2 as contender_number,
        customers.customer_id,
        rival_sellers.product_number,
        3 as kind_number,
        empty_integer() as first_number,
        rival_sellers.rival_trial_count as trial_count,
        rival_sellers.rival_hit_count as hit_count,
        empty_number() as lift,
        rival_sellers.rival_probability as probability,
        rival_sellers.rival_probability * rival_sellers.purchase_money as expected_money
    from customers
    inner join rival_sellers
        on customers.activity_class = rival_sellers.activity_class
    left join unwanted
        on customers.customer_id = unwanted.customer_id
        and rival_sellers.product_number = unwanted.product_number
    where unwanted.customer_id is null
    union all
    select
        3 as contender_number,
        customer_id,
        product_number,
        2 as kind_number,
        product_number as first_number,
        trial_count,
        hit_count,
        empty_number() as lift,
        probability,
        purchase_count * purchase_money as expected_money
    from again
    where (select ships from turn) in ('all', 'repeats')
        and probability >= (select min_probability from turn)
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
    ranked.first_number,
    ranked.trial_count,
    ranked.hit_count,
    ranked.lift,
    ranked.probability,
    to_money(ranked.probability * products.purchase_money) as expected_money
from ranked
inner join products
    on ranked.product_number = products.product_number
where ranked.offer_rank <= (select offer_count from turn)
