-- What to offer each customer next, best first, with what it rests on.
-- grain: customer_id, offer_rank
-- kind: after, rule, again or popular; see results.next_best_candidates
-- first_name: the product it follows
-- left_names: the products of the rule's left side, all of which were bought
-- hit_count: of trial_count in the same place, those who bought it within the horizon
-- bought_date: when the customer last bought that, or with kind again, this product
with

candidates as (
    select * from results.next_best_candidates
),

products as (
    select * from features.basket_products
),

holdings as (
    select * from features.next_best_holdings where place = 0
),

rules as (
    select rule_number, left_names from results.next_best_rules
),

gaps as (
    select * from features.next_best_gaps
)

select
    candidates.customer_id,
    candidates.offer_rank,
    products.product_key,
    products.product_name,
    products.category,
    candidates.kind,
    candidates.probability,
    candidates.expected_money,
    firsts.product_name as first_name,
    rules.left_names,
    holdings.last_date as bought_date,
    holdings.purchase_count,
    gaps.median_gap_days,
    candidates.lift,
    candidates.trial_count,
    candidates.hit_count
from candidates
inner join products
    on candidates.product_number = products.product_number
left join products as firsts
    on candidates.first_number = firsts.product_number
left join rules
    on candidates.rule_number = rules.rule_number
left join holdings
    on candidates.customer_id = holdings.customer_id
    and candidates.first_number = holdings.product_number
left join gaps
    on candidates.product_number = gaps.product_number
