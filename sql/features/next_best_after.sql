-- How many who had bought one product bought another for the first time within the horizon: pairs that came three times at least.
-- grain: learn_for, first_number, band, second_number
-- check: hit_count <= trial_count
-- band: how long ago the first was bought; see features.next_best_holdings
-- trial_count: customers, once a snapshot, who had bought the first and not given it back; in band 1 without those who had the other already
-- expected_count: hits to be expected of customers as busy, were the first product without meaning
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

popular as (
    select
        learn_for,
        activity_class,
        product_number,
        ratio(hit_count, trial_count) as new_rate,
        ratio(hit_count, customer_count) as any_rate
    from features.next_best_popular
    where hit_count > 0
),

firsts as (
    select * from holdings where is_latest
),

bought as (
    select
        outcomes.customer_id,
        outcomes.place,
        outcomes.product_number
    from outcomes
    left join holdings
        on outcomes.customer_id = holdings.customer_id
        and outcomes.place = holdings.place
        and outcomes.product_number = holdings.product_number
    where holdings.customer_id is null
),

hits as (
    select
        firsts.place,
        firsts.product_number as first_number,
        firsts.band,
        bought.product_number as second_number,
        count(*) as hit_count
    from firsts
    inner join bought
        on firsts.customer_id = bought.customer_id
        and firsts.place = bought.place
    group by firsts.place, firsts.product_number, firsts.band, bought.product_number
),

pairs as (
    select
        targets.learn_for,
        hits.first_number,
        hits.band,
        hits.second_number,
        sum(hits.hit_count) as hit_count
    from hits
    inner join targets
        on hits.place > targets.learn_for
    group by targets.learn_for, hits.first_number, hits.band, hits.second_number
    having sum(hits.hit_count) >= 3
),

owned as (
    select
        firsts.place,
        firsts.product_number as first_number,
        firsts.activity_class,
        holdings.product_number as second_number,
        count(*) as owner_count
    from firsts
    inner join holdings
        on firsts.customer_id = holdings.customer_id
        and firsts.place = holdings.place
    where firsts.band = 1
    group by firsts.place, firsts.product_number, firsts.activity_class, holdings.product_number
),

owners as (
    select
        targets.learn_for,
        1 as band,
        owned.first_number,
        owned.activity_class,
        owned.second_number,
        sum(owned.owner_count) as owner_count
    from owned
    inner join targets
        on owned.place > targets.learn_for
    group by targets.learn_for, owned.first_number, owned.activity_class, owned.second_number
),

starts as (
    select
        targets.learn_for,
        firsts.product_number as first_number,
        firsts.band,
        firsts.activity_class,
        count(*) as start_count
    from firsts
    inner join targets
        on firsts.place > targets.learn_for
    group by targets.learn_for, firsts.product_number, firsts.band, firsts.activity_class
),

counted as (
    select
        pairs.learn_for,
        pairs.first_number,
        pairs.band,
        pairs.second_number,
        pairs.hit_count,
        starts.activity_class,
        starts.start_count - coalesce(owners.owner_count, 0) as start_count
    from pairs
    inner join starts
        on pairs.learn_for = starts.learn_for
        and pairs.first_number = starts.first_number
        and pairs.band = starts.band
    left join owners
        on pairs.learn_for = owners.learn_for
        and pairs.first_number = owners.first_number
        and pairs.band = owners.band
        and pairs.second_number = owners.second_number
        and starts.activity_class = owners.activity_class
)

select
    counted.learn_for,
    counted.first_number,
    counted.band,
    counted.second_number,
    to_integer(sum(counted.start_count)) as trial_count,
    to_integer(max(counted.hit_count)) as hit_count,
    to_number(sum(to_exact(counted.start_count * coalesce(case when counted.band = 1 then popular.new_rate else popular.any_rate end, 0e0)))) as expected_count
from counted
left join popular
    on counted.learn_for = popular.learn_for
    and counted.activity_class = popular.activity_class
    and counted.second_number = popular.product_number
group by counted.learn_for, counted.first_number, counted.band, counted.second_number
order by counted.learn_for, counted.first_number, counted.band, counted.second_number
