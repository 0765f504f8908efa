-- What was known of each product by each snapshot: sales, money of one purchase, the days between two purchases by the same customer.
-- grain: place, product_number
-- purchase_money: margin of one purchase on the mean; revenue where the cost is unknown
-- unit_price: amount for one unit; for one purchase where quantities are unknown
-- mean_gap_days: between two purchases by one customer; that of all products where fewer than ten gaps are known
-- is_offered: sold to anybody within the last year; and today neither discontinued nor out of stock nor left out by the settings
with

snapshots as (
    select * from features.next_best_snapshots
),

purchases as (
    select * from features.next_best_purchases
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

placed as (
    select
        purchases.product_number,
        floor(ratio(days_between(purchases.order_date, horizons.scored_date), horizons.horizon_days)) as last_place,
        max(purchases.order_date) as last_date,
        count(*) as purchase_count,
        count(purchases.quantity) as quantity_count,
        sum(purchases.quantity) as quantity,
        sum(purchases.purchase_amount) as purchase_amount,
        sum(coalesce(purchases.purchase_margin, purchases.purchase_amount)) as purchase_money
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
        sum(placed.purchase_money) as purchase_money
    from placed
    inner join snapshots
        on placed.last_place >= snapshots.place
    group by snapshots.place, snapshots.snapshot_date, placed.product_number
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
    to_money(ratio(sold.purchase_money, sold.purchase_count)) as purchase_money,
    to_money(ratio(sold.purchase_amount, coalesce(nullif(sold.quantity, 0), sold.purchase_count))) as unit_price,
    case
        when rhythms.gap_count >= 10 then greatest(1e0, ratio(rhythms.gap_days, rhythms.gap_count))
        else coalesce(all_rhythms.mean_gap_days, 365e0)
    end as mean_gap_days,
    days_between(sold.last_date, sold.snapshot_date) <= 365
        and (sold.place > 0 or (not products.is_discontinued and not products.is_out_of_stock))
        and not products.is_left_out as is_offered
from sold
inner join products
    on sold.product_number = products.product_number
left join rhythms
    on sold.place = rhythms.place
    and sold.product_number = rhythms.product_number
left join all_rhythms
    on sold.place = all_rhythms.place
