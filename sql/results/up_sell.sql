-- Customers whose dearest product of a category many others surely moved up from, most expected extra margin first; not to what they gave back, and neither from nor to what is left out.
-- grain: customer_id, category
-- moved_share: of the buyers of the product, those who bought the dearer one later
-- expected_margin: that share times what the dearer one brings more
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

settings as (
    select * from run.settings
),

holdings as (
    select * from features.next_best_holdings
    where place = 0
),

known as (
    select product_number, unit_price from features.next_best_products
    where place = 0
        and not is_left_out
),

products as (
    select * from features.basket_products
),

sure as (
    select product_number, next_number from results.up_sell_steps
),

steps as (
    select
        counted.product_number,
        counted.next_number,
        counted.buyer_count,
        counted.moved_count,
        counted.unit_price,
        counted.next_unit_price,
        counted.extra_money,
        row_number() over (
            partition by counted.product_number
            order by counted.moved_count desc, counted.next_number
        ) as step_place
    from features.up_sell as counted
    inner join sure
        on counted.product_number = sure.product_number
        and counted.next_number = sure.next_number
),

customers as (
    select * from unified.customers
),

addresses as (
    select customer_id, permitted_channels from facts.permitted_addresses
),

dearest as (
    select
        holdings.customer_id,
        holdings.product_number,
        holdings.elapsed_days,
        products.product_name,
        products.category,
        row_number() over (
            partition by holdings.customer_id, products.category
            order by known.unit_price desc, holdings.product_number
        ) as price_place
    from holdings
    inner join known
        on holdings.product_number = known.product_number
    inner join products
        on holdings.product_number = products.product_number
    where products.category is not null
        and not holdings.is_returned
),

found as (
    select
        dearest.customer_id,
        customers.customer_key,
        customers.customer_name,
        shown_name(
            customers.customer_name,
            customers.customer_kind,
            (select mask_names from settings)
        ) as masked_name,
        dearest.category,
        dearest.product_name,
        products.product_name as next_name,
        steps.unit_price,
        steps.next_unit_price,
        steps.buyer_count,
        steps.moved_count,
        round(ratio(steps.moved_count, steps.buyer_count), 4) as moved_share,
        to_money(ratio(steps.moved_count, steps.buyer_count) * steps.extra_money) as expected_margin,
        customers.owner_name,
        coalesce(addresses.permitted_channels, '') as permitted_channels
    from dearest
    inner join steps
        on dearest.product_number = steps.product_number
    inner join products
        on steps.next_number = products.product_number
    inner join customers
        on dearest.customer_id = customers.customer_id
    left join addresses
        on dearest.customer_id = addresses.customer_id
    left join holdings as held
        on dearest.customer_id = held.customer_id
        and steps.next_number = held.product_number
    where held.product_number is null
        and dearest.price_place = 1
        and steps.step_place = 1
        and dearest.elapsed_days <= 365
        and steps.extra_money > 0
)

select
    to_integer(row_number() over (order by expected_margin desc, customer_id, category)) as up_sell_rank,
    customer_id,
    customer_key,
    customer_name,
    masked_name,
    category,
    product_name,
    next_name,
    unit_price,
    next_unit_price,
    buyer_count,
    moved_count,
    moved_share,
    expected_margin,
    owner_name,
    permitted_channels
from found
order by up_sell_rank
