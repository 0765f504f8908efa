-- What most customers have bought so far, offered to those who have not: where history is too short to learn anything else.
-- grain: contender, customer_id, offer_rank
-- check: probability between 0 and 1
-- probability: the share of all customers who have bought the product
-- hit_count: they, of trial_count
with

turn as (
    select * from results.next_best_turn
),

holdings as (
    select * from features.next_best_holdings where place = 0
),

customers as (
    select customer_id from features.next_best_customers where place = 0
),

sizes as (
    select count(*) as customer_count from customers
),

buyers as (
    select
        product_number,
        count(*) as buyer_count
    from holdings
    group by product_number
),

rated as (
    select
        products.product_number,
        products.purchase_money,
        buyers.buyer_count,
        sizes.customer_count,
        ratio(buyers.buyer_count, sizes.customer_count) as probability
    from features.next_best_products as products
    inner join buyers
        on products.product_number = buyers.product_number
    cross join sizes
    where products.place = 0
        and products.is_offered
        and products.purchase_money > 0
),

best_sellers as (
    select
        *,
        row_number() over (order by probability * purchase_money desc, product_number) as seller_place
    from rated
    where probability >= (select min_probability from turn)
),

ranked as (
    select
        customers.customer_id,
        best_sellers.*,
        row_number() over (
            partition by customers.customer_id
            order by best_sellers.seller_place
        ) as offer_rank
    from customers
    cross join best_sellers
    left join holdings
        on customers.customer_id = holdings.customer_id
        and best_sellers.product_number = holdings.product_number
    where best_sellers.seller_place <= 10 * (select offer_count from turn)
        and holdings.customer_id is null
)

select
    'popular' as contender,
    customer_id,
    to_integer(offer_rank) as offer_rank,
    product_number,
    'popular' as kind,
    empty_integer() as first_number,
    empty_integer() as rule_number,
    to_integer(customer_count) as trial_count,
    to_integer(buyer_count) as hit_count,
    empty_number() as lift,
    probability,
    to_money(probability * purchase_money) as expected_money
from ranked
where offer_rank <= (select offer_count from turn)
