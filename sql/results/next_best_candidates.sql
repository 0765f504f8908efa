-- What each way of choosing would offer each customer, best first, on the snapshot whose turn it is.
-- grain: contender, customer_id, offer_rank
-- check: probability between 0 and 1
-- contender: model, popular (what sells best), repeats (what the customer has bought most)
-- kind: after (another product was bought), rule (all of a rule's left side was), again (the rhythm says it is due), popular; of what sells best the first 30 are looked at for the model and 20 for the rival, however many are offered, so that what is tried is what ships
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

again_rates as (
    select * from results.next_best_again_rates
),

class_rates as (
    select
        rhythm_class,
        times_class,
        activity_class,
        max(class_rate) as class_rate
    from again_rates
    group by rhythm_class, times_class, activity_class
),

all_rates as (
    select ratio(sum(hit_count), sum(trial_count)) as all_rate from again_rates
),

product_factors as (
    select
        product_number,
        max(factor) as factor
    from again_rates
    group by product_number
),

-- Of what sells best a customer gets the first ones that are not unwanted: as many more are looked at as are unwanted.
rival_sellers as (
    select
        *,
        row_number() over (partition by activity_class order by rival_place) as seller_place
    from results.next_best_popular_rates
    where rival_place <= 20
        and rival_hit_count > 0
        and (select ships from turn) in ('all', 'popular')
        and rival_probability >= (select min_probability from turn)
),

evidence as (
    select * from results.next_best_evidence
),

told_sides as (
    select
        sides.rule_number,
        sides.left_number,
        rules.left_count
    from results.next_best_rule_sides as sides
    inner join results.next_best_rules as rules
        on sides.rule_number = rules.rule_number
    where sides.rule_number in (select rule_number from evidence where kind = 'rule')
        and (select ships from turn) in ('all', 'model')
),

holders as (
    select
        holdings.customer_id,
        told_sides.rule_number,
        holdings.activity_class,
        min(holdings.band) as band
    from holdings
    inner join told_sides
        on holdings.product_number = told_sides.left_number
    where not holdings.is_returned
    group by holdings.customer_id, told_sides.rule_number, holdings.activity_class
    having count(*) = max(told_sides.left_count)
),

latest as (
    select * from holdings
    where is_latest
        and (select ships from turn) in ('all', 'model')
),

suggested as (
    select
        latest.customer_id,
        evidence.product_number,
        evidence.evidence_place
    from latest
    inner join evidence
        on latest.product_number = evidence.first_number
        and latest.band = evidence.band
        and latest.activity_class = evidence.activity_class
    union all
    select
        holders.customer_id,
        evidence.product_number,
        evidence.evidence_place
    from holders
    inner join evidence
        on holders.rule_number = evidence.rule_number
        and holders.band = evidence.band
        and holders.activity_class = evidence.activity_class
    union all
    select
        customers.customer_id,
        evidence.product_number,
        evidence.evidence_place
    from customers
    inner join evidence
        on customers.activity_class = evidence.activity_class
    where evidence.kind = 'popular'
),

led_to as (
    select
        customer_id,
        product_number,
        max(evidence_place) as evidence_place
    from suggested
    group by customer_id, product_number
),

-- Empty where no offer of the model is asked for, which spares a join of all.
bought as (
    select customer_id, product_number from holdings
    where (select ships from turn) in ('all', 'model')
),

unwanted as (
    select customer_id, product_number from holdings
    where is_returned
        or (select is_new_only from turn)
),

unwanted_counts as (
    select customer_id, count(*) as unwanted_count from unwanted group by customer_id
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
        holdings.activity_class,
        products.purchase_money
    from holdings
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
            raised_chance(
                coalesce(class_rates.class_rate, all_rates.all_rate, 0e0),
                coalesce(product_factors.factor, 1e0)
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
        evidence.kind,
        evidence.first_number,
        evidence.rule_number,
        evidence.trial_count,
        evidence.hit_count,
        evidence.lift,
        evidence.probability,
        evidence.expected_money
    from led_to
    inner join evidence
        on led_to.evidence_place = evidence.evidence_place
    left join bought
        on led_to.customer_id = bought.customer_id
        and led_to.product_number = bought.product_number
    where bought.customer_id is null
    union all
    select
        1 as contender_number,
        customer_id,
        product_number,
        'again' as kind,
        product_number as first_number,
        empty_integer() as rule_number,
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
        'popular' as kind,
        empty_integer() as first_number,
        empty_integer() as rule_number,
        rival_sellers.rival_trial_count as trial_count,
        rival_sellers.rival_hit_count as hit_count,
        empty_number() as lift,
        rival_sellers.rival_probability as probability,
        rival_sellers.rival_probability * rival_sellers.purchase_money as expected_money
    from customers
    left join unwanted_counts
        on customers.customer_id = unwanted_counts.customer_id
    inner join rival_sellers
        on customers.activity_class = rival_sellers.activity_class
        and rival_sellers.seller_place <= (select offer_count from turn) + coalesce(unwanted_counts.unwanted_count, 0)
    left join unwanted
        on customers.customer_id = unwanted.customer_id
        and rival_sellers.product_number = unwanted.product_number
    where unwanted.customer_id is null
    union all
    select
        3 as contender_number,
        customer_id,
        product_number,
        'again' as kind,
        product_number as first_number,
        empty_integer() as rule_number,
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
    ranked.kind,
    ranked.first_number,
    ranked.rule_number,
    ranked.trial_count,
    ranked.hit_count,
    ranked.lift,
    ranked.probability,
    to_money(ranked.probability * products.purchase_money) as expected_money
from ranked
inner join products
    on ranked.product_number = products.product_number
where ranked.offer_rank <= (select offer_count from turn)
