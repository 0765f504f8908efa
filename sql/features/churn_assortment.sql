-- From how many categories each customer had bought in the 365 days before each snapshot of churn, and how much of it from one.
-- grain: customer_id, snapshot_date
-- main_category_rate: share of the money that went to the largest category
with

snapshots as (
    select * from features.churn_snapshots
),

orders as (
    select order_id, customer_id, order_date from facts.orders where is_purchase
),

products as (
    select source, product_key, category from staged.products where category is not null
),

order_lines as (
    select source, order_key, product_key, line_amount from staged.order_lines where line_amount > 0
),

bought as (
    select
        key_hash(order_lines.source, 'order', order_lines.order_key) as order_id,
        products.category,
        to_money(sum(order_lines.line_amount)) as line_amount
    from order_lines
    inner join products
        on order_lines.source = products.source
        and order_lines.product_key = products.product_key
    group by key_hash(order_lines.source, 'order', order_lines.order_key), products.category
),

summed as (
    select
        orders.customer_id,
        snapshots.snapshot_date,
        bought.category,
        money_sum(bought.line_amount) as category_amount
    from bought
    inner join orders
        on bought.order_id = orders.order_id
    inner join snapshots
        on is_within(orders.order_date, snapshots.snapshot_date, 365)
        and place_by_hash(orders.customer_id) < snapshots.sampled_places
    group by orders.customer_id, snapshots.snapshot_date, bought.category
)

select
    customer_id,
    snapshot_date,
    to_integer(count(*)) as category_count,
    ratio(max(category_amount), sum(category_amount)) as main_category_rate
from summed
group by customer_id, snapshot_date
