-- Where in their own rhythm customers stood with what they had bought, by each past snapshot.
-- grain: customer_id, place, product_number
-- place: never 0, which learns nothing
-- expected_gap_days: the customer's own gaps and one of the product's, on the mean
with

holdings as (
    select * from features.next_best_holdings where place > 0
),

products as (
    select place, product_number, mean_gap_days from features.next_best_products where place > 0
),

expected as (
    select
        holdings.customer_id,
        holdings.place,
        holdings.product_number,
        holdings.elapsed_days,
        holdings.purchase_count,
        holdings.activity_class,
        ratio(
            days_between(holdings.first_date, holdings.last_date) + products.mean_gap_days,
            holdings.purchase_count
        ) as expected_gap_days
    from holdings
    inner join products
        on holdings.place = products.place
        and holdings.product_number = products.product_number
)

select
    customer_id,
    place,
    product_number,
    expected_gap_days,
    rhythm_class(elapsed_days, expected_gap_days) as rhythm_class,
    times_class(purchase_count) as times_class,
    activity_class
from expected
