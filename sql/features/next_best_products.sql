-- What was known of each product by each snapshot: sales, money of one purchase, the days between two purchases by the same customer.
-- grain: place, product_number
-- margin_rate: of the revenue whose cost is known the share that is margin: the product's own, else that of all products, else 1
-- money_basis: own, mean or revenue, as that rate is
-- purchase_money: margin of one purchase on the mean; where the cost is unknown, revenue times that rate
-- unit_price: amount for one unit; for one purchase where quantities are unknown
-- mean_gap_days: between two purchases by one customer; that of all products where fewer than ten gaps are known
-- is_left_out: by the settings, or bought on nearly all days with a purchase, as they say how many
-- is_offered: sold to anybody within the last year, not left out; and today neither discontinued nor out of stock
with

snapshots as (
    select * from features.next_best_snapshots
),

purchases as (
    select * from features.next_best_purchases
),

days as (
    select * from features.next_best_days
),

holdings as (
    select * from features.next_best_holdings
),

products as (
    select * from features.basket_products
),

horizons as (
    select
        snapshot_date as scored_date,
        horizon_days
    from snapshots
    where place = 0
),

placed_days as (
    select
        floor(ratio(days_between(days.order_date, horizons.scored_date), horizons.horizon_days)) as last_place,
        count(*) as day_count
    from days
    cross join horizons
    group by floor(ratio(days_between(days.order_date, horizons.scored_date), horizons.horizon_days))
),

all_days as (
    select
        snapshots.place,
        sum(placed_days.day_count) as day_count
    from placed_days
    inner join snapshots
        on placed_days.last_place >= snapshots.place
    group by snapshots.place
),

placed as (
    select
        purchases.product_number,
        floor(ratio(days_between(purchases.order_date, horizons.scored_date), horizons.horizon_days)) as last_place,
        max(purchases.order_date) as last_date,
        count(*) as purchase_count,
        count(purchases.quantity) as quantity_count,
        sum(purchases.quantity) as quantity,
        sum(purchases.purchase_amount) as purchase_amount,
        sum(case when purchases.purchase_margin is not null then purchases.purchase_amount else 0 end) as known_amount,
        sum(coalesce(purchases.purchase_margin, 0)) as known_margin
    from purchases
    cross join horizons
    group by
        purchases.product_number,
        floor(ratio(days_between(purchases.order_date, horizons.scored_date), horizons.horizon_days))
),

sold as (
    select
        snapshots.place,
        snapshots.snapshot_date,
        placed.product_number,
        max(placed.last_date) as last_date,
        sum(placed.purchase_count) as purchase_count,
        case when sum(placed.quantity_count) = sum(placed.purchase_count) then sum(placed.quantity) end as quantity,
        sum(placed.purchase_amount) as purchase_amount,
        sum(placed.known_amount) as known_amount,
        sum(placed.known_margin) as known_margin
    from placed
    inner join snapshots
        on placed.last_place >= snapshots.place
    group by snapshots.place, snapshots.snapshot_date, placed.product_number
),

mean_rates as (
    select
        place,
        count(*) as product_count,
        ratio(sum(known_margin), sum(known_amount)) as mean_rate
    from sold
    group by place
),

judged as (
    select
        sold.place,
        sold.product_number,
        coalesce(ratio(sold.known_margin, sold.known_amount), mean_rates.mean_rate, 1e0) as margin_rate,
        case
            when sold.known_amount > 0 then 'own'
            when mean_rates.mean_rate is not null then 'mean'
            else 'revenue'
        end as money_basis,
        mean_rates.product_count > 2
            and sold.purchase_count > to_exact((select baskets_common_share from run.settings)) * all_days.day_count as is_common
    from sold
    inner join mean_rates
        on sold.place = mean_rates.place
    inner join all_days
        on sold.place = all_days.place
),

rhythms as (
    select
        place,
        product_number,
        sum(days_between(first_date, last_date)) as gap_days,
        sum(purchase_count - 1) as gap_count
    from holdings
    group by place, product_number
),

all_rhythms as (
    select
        place,
        ratio(sum(gap_days), sum(gap_count)) as mean_gap_days
    from rhythms
    group by place
)

select
    sold.place,
    sold.product_number,
    to_integer(sold.purchase_count) as purchase_count,
    judged.margin_rate,
    judged.money_basis,
    to_money(ratio(
        sold.known_margin + to_money(judged.margin_rate * (sold.purchase_amount - sold.known_amount)),
        sold.purchase_count
    )) as purchase_money,
    to_money(ratio(sold.purchase_amount, coalesce(nullif(sold.quantity, 0), sold.purchase_count))) as unit_price,
    case
        when rhythms.gap_count >= 10 then greatest(1e0, ratio(rhythms.gap_days, rhythms.gap_count))
        else coalesce(all_rhythms.mean_gap_days, 365e0)
    end as mean_gap_days,
    products.is_left_out or judged.is_common as is_left_out,
    days_between(sold.last_date, sold.snapshot_date) <= 365
        and (sold.place > 0 or (not products.is_discontinued and not products.is_out_of_stock))
        and not products.is_left_out
        and not judged.is_common as is_offered
from sold
inner join products
    on sold.product_number = products.product_number
inner join judged
    on sold.place = judged.place
    and sold.product_number = judged.product_number
left join rhythms
    on sold.place = rhythms.place
    and sold.product_number = rhythms.product_number
left join all_rhythms
    on sold.place = all_rhythms.place
