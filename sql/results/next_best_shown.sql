-- The first fifty offers as the report shows them: names of persons masked unless the pipeline says otherwise.
-- grain: customer_id
with

settings as (
    select * from run.settings
),

offers as (
    select
        *,
        row_number() over (order by expected_margin desc, probability desc, customer_id) as call_rank
    from results.next_best
    where offer_rank = 1
),

customers as (
    select * from unified.customers
)

select
    offers.customer_id,
    to_integer(offers.call_rank) as call_rank,
    offers.customer_key,
    shown_name(
        offers.customer_name,
        customers.customer_kind,
        (select mask_names from settings)
    ) as customer_name,
    offers.product_name,
    offers.probability,
    offers.expected_margin,
    offers.reason
from offers
inner join customers
    on offers.customer_id = customers.customer_id
where offers.call_rank <= 50
order by offers.call_rank
