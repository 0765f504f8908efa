-- The latest twenty products that each customer had bought and not given back by each snapshot.
-- grain: customer_id, place, product_number
-- band: how long ago; see features.next_best_holdings
-- activity_class: how busy the customer was; see features.next_best_customers
with

holdings as (
    select * from features.next_best_holdings where not is_returned
),

customers as (
    select * from features.next_best_customers
),

ranked as (
    select
        holdings.customer_id,
        holdings.place,
        holdings.product_number,
        holdings.band,
        customers.activity_class,
        row_number() over (
            partition by holdings.customer_id, holdings.place
            order by holdings.last_date desc, holdings.purchase_count desc, holdings.product_number
        ) as latest_place
    from holdings
    inner join customers
        on holdings.customer_id = customers.customer_id
        and holdings.place = customers.place
)

select
    customer_id,
    place,
    product_number,
    band,
    activity_class
from ranked
where latest_place <= 20
