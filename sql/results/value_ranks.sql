-- Customers with a document in the window, by what they contributed in it, the most first.
-- grain: customer_id
-- contribution_rank: 1 contributed the most; equal ones by customer id
-- running_amount: contributed by this customer and all before
-- share_before: of all that contributors brought, the share of those before this one, 0–1
with

contribution as (
    select * from features.contribution where document_count > 0
),

totals as (
    select money_sum(contribution_amount) as positive_amount
    from contribution
    where contribution_amount > 0
),

ranked as (
    select
        customer_id,
        contribution_amount,
        row_number() over (order by contribution_amount desc, customer_id) as contribution_rank,
        to_cents(sum(contribution_amount) over (
            order by contribution_amount desc, customer_id
            rows between unbounded preceding and current row
        )) as running_amount
    from contribution
)

select
    customer_id,
    contribution_amount,
    to_integer(contribution_rank) as contribution_rank,
    running_amount,
    ratio(running_amount - contribution_amount, (select positive_amount from totals)) as share_before
from ranked
