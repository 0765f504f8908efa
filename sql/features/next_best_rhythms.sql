-- Where in their own rhythm customers stood with what they had bought, by each snapshot.
-- grain: customer_id, place, product_number
-- expected_gap_days: the customer's own gaps and one of the product's, on the mean
-- rhythm_class: quarters of that gap gone by since the last purchase, 12 and more as one
-- times_class: purchases so far: 1, 2, 3 for three and four, 4 up to eight, 5 more
with

holdings as (
    select * from features.next_best_holdings
),

customers as (
    select * from features.next_best_customers
),

products as (
    select place, product_number, mean_gap_days from features.next_best_products
),

expected as (
    select
        holdings.customer_id,
        holdings.place,
        holdings.product_number,
        holdings.elapsed_days,
        holdings.purchase_count,
        customers.activity_class,
        ratio(
            days_between(holdings.first_date, holdings.last_date) + products.mean_gap_days,
            holdings.purchase_count
        ) as expected_gap_days
    from holdings
    inner join products
        on holdings.place = products.place
        and holdings.product_number = products.product_number
    inner join customers
        on holdings.customer_id = customers.customer_id
        and holdings.place = customers.place
)

select
    customer_id,
    place,
    product_number,
    expected_gap_days,
    to_integer(least(12, floor(4e0 * elapsed_days / expected_gap_days))) as rhythm_class,
    case
        when purchase_count <= 3 then purchase_count
        when purchase_count = 4 then 3
        when purchase_count <= 8 then 4
        else 5
    end as times_class,
    activity_class
from expected
