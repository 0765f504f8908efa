-- What speaks for a product that a customer has not bought, on the snapshot whose turn it is: a product that the customer bought, all of a rule's left side, or that it sells.
-- grain: evidence_place
-- check: probability between 0 and 1
-- evidence_place: of several that speak for one product, the greatest counts: the likeliest lift, a pair before a rule that says as much; what only sells is below zero
-- first_number: the product bought, with kind after
-- rule_number: with kind rule; a rule that lifts no more than one product of its left side lifts alone is left out
-- activity_class: of customers it holds for
with

turn as (
    select * from results.next_best_turn
),

popular as (
    select * from results.next_best_popular_rates
),

sellers as (
    select
        *,
        row_number() over (
            partition by activity_class
            order by probability * purchase_money desc, product_number
        ) as own_place
    from results.next_best_unled
    where hit_count > 0
        and (select ships from turn) in ('all', 'model')
),

pair_lifts as (
    select * from results.next_best_lifts
),

rules as (
    select * from results.next_best_rules
),

lifted as (
    select
        'after' as kind,
        after.first_number,
        empty_integer() as rule_number,
        after.band,
        after.second_number as product_number,
        after.trial_count,
        after.hit_count,
        pair_lifts.lift
    from features.next_best_after as after
    inner join pair_lifts
        on after.first_number = pair_lifts.first_number
        and after.band = pair_lifts.band
        and after.second_number = pair_lifts.second_number
    where after.learn_for = (select place from turn)
    union all
    select
        'rule' as kind,
        empty_integer() as first_number,
        learnt.rule_number,
        learnt.band,
        rules.right_number as product_number,
        learnt.trial_count,
        learnt.hit_count,
        rule_lifts.lift
    from results.next_best_rule_outcomes as learnt
    inner join results.next_best_rule_lifts as rule_lifts
        on learnt.rule_number = rule_lifts.rule_number
        and learnt.band = rule_lifts.band
    inner join rules
        on learnt.rule_number = rules.rule_number
    where learnt.hit_count >= 3
        and rule_lifts.lift > learnt.pair_lift
),

placed as (
    select
        lifted.kind,
        lifted.first_number,
        lifted.rule_number,
        lifted.band,
        popular.activity_class,
        lifted.product_number,
        lifted.trial_count,
        lifted.hit_count,
        lifted.lift,
        least(0.99e0, popular.probability * lifted.lift) as probability,
        popular.purchase_money,
        row_number() over (
            partition by lifted.first_number, lifted.rule_number, lifted.band, popular.activity_class
            order by popular.probability * lifted.lift * popular.purchase_money desc, lifted.product_number
        ) as own_place,
        row_number() over (
            order by
                popular.probability * lifted.lift,
                lifted.kind desc,
                lifted.rule_number desc,
                lifted.first_number desc,
                lifted.band desc,
                lifted.product_number desc,
                popular.activity_class desc
        ) as evidence_place
    from lifted
    inner join popular
        on lifted.product_number = popular.product_number
    where lifted.lift > 1.2e0
        and popular.hit_count > 0
        and popular.probability * lifted.lift >= (select min_probability from turn)
)

select
    evidence_place,
    kind,
    first_number,
    rule_number,
    band,
    activity_class,
    product_number,
    trial_count,
    hit_count,
    lift,
    probability,
    probability * purchase_money as expected_money
from placed
where own_place <= 20
union all
select
    -rate_number as evidence_place,
    'popular' as kind,
    empty_integer() as first_number,
    empty_integer() as rule_number,
    empty_integer() as band,
    activity_class,
    product_number,
    trial_count,
    hit_count,
    empty_number() as lift,
    probability,
    probability * purchase_money as expected_money
from sellers
where own_place <= 30
    and probability >= (select min_probability from turn)
