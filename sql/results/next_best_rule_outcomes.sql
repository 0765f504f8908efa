-- How many who had bought all of a rule's left side and not its right one bought that within the horizon, by the snapshots that the one whose turn it is may know.
-- grain: rule_number, band
-- check: hit_count <= trial_count
-- band: 1 some product of the left side was bought within the horizon, 2 all longer ago
-- trial_count: customers, once a snapshot, who had given back nothing of the left side
-- expected_count: hits to be expected of customers as busy, were the left side without meaning
-- pair_lift: the greatest that one product of the left side has alone in this band, 1 at least
with

turn as (
    select place from results.next_best_turn
),

sides as (
    select
        sides.rule_number,
        sides.left_number,
        rules.left_count,
        rules.right_number
    from results.next_best_rule_sides as sides
    inner join results.next_best_rules as rules
        on sides.rule_number = rules.rule_number
),

holdings as (
    select * from features.next_best_holdings
    where place > (select place from turn)
),

outcomes as (
    select * from features.next_best_outcomes
),

popular as (
    select
        activity_class,
        product_number,
        ratio(hit_count, trial_count) as new_rate
    from features.next_best_popular
    where learn_for = (select place from turn)
        and hit_count > 0
),

pair_lifts as (
    select
        sides.rule_number,
        lifts.band,
        max(lifts.lift) as lift
    from sides
    inner join results.next_best_lifts as lifts
        on sides.left_number = lifts.first_number
        and sides.right_number = lifts.second_number
    group by sides.rule_number, lifts.band
),

holders as (
    select
        holdings.customer_id,
        holdings.place,
        sides.rule_number,
        sides.right_number,
        holdings.activity_class,
        min(holdings.band) as band
    from holdings
    inner join sides
        on holdings.product_number = sides.left_number
    where not holdings.is_returned
    group by holdings.customer_id, holdings.place, sides.rule_number, sides.right_number, holdings.activity_class
    having count(*) = max(sides.left_count)
),

trials as (
    select holders.*
    from holders
    left join holdings
        on holders.customer_id = holdings.customer_id
        and holders.place = holdings.place
        and holders.right_number = holdings.product_number
    where holdings.customer_id is null
),

counted as (
    select
        trials.rule_number,
        trials.right_number,
        trials.band,
        trials.activity_class,
        count(*) as trial_count,
        count(outcomes.customer_id) as hit_count
    from trials
    left join outcomes
        on trials.customer_id = outcomes.customer_id
        and trials.place = outcomes.place
        and trials.right_number = outcomes.product_number
    group by trials.rule_number, trials.right_number, trials.band, trials.activity_class
)

select
    counted.rule_number,
    counted.band,
    to_integer(sum(counted.trial_count)) as trial_count,
    to_integer(sum(counted.hit_count)) as hit_count,
    to_number(sum(to_exact(counted.trial_count * coalesce(popular.new_rate, 0e0)))) as expected_count,
    greatest(1e0, coalesce(max(pair_lifts.lift), 1e0)) as pair_lift
from counted
left join pair_lifts
    on counted.rule_number = pair_lifts.rule_number
    and counted.band = pair_lifts.band
left join popular
    on counted.activity_class = popular.activity_class
    and counted.right_number = popular.product_number
group by counted.rule_number, counted.band
order by counted.rule_number, counted.band
