-- From how many categories each customer had bought in the 365 days before each snapshot of churn, and how much of it from one.
-- grain: customer_id, snapshot_date
-- main_category_rate: share of the money that went to the largest category
with

snapshots as (
    select * from features.churn_snapshots
),

lines as (
    select product_id, customer_id, order_date, line_amount from features.basket_lines
),

products as (
    select product_id, category from facts.products where category is not null
),

summed as (
    select
        lines.customer_id,
        snapshots.snapshot_date,
        products.category,
        money_sum(lines.line_amount) as category_amount
    from lines
    inner join products
        on lines.product_id = products.product_id
    inner join snapshots
        on is_within(lines.order_date, snapshots.snapshot_date, 365)
        and place_by_hash(lines.customer_id) < snapshots.sampled_places
    group by lines.customer_id, snapshots.snapshot_date, products.category
)

select
    customer_id,
    snapshot_date,
    to_integer(count(*)) as category_count,
    ratio(max(category_amount), sum(category_amount)) as main_category_rate
from summed
group by customer_id, snapshot_date
