-- The likely buyers as the report shows them: names of persons masked unless the pipeline says otherwise; up to 1,000 a target.
-- grain: target_place, customer_id
with

settings as (
    select * from run.settings
),

ranks as (
    select * from results.likeness_ranks where not is_look_alike and likeness_rank <= 1000
),

customers as (
    select * from unified.customers
)

select
    ranks.target_place,
    ranks.target_title,
    ranks.likeness_rank,
    ranks.customer_id,
    customers.customer_key,
    shown_name(
        customers.customer_name,
        customers.customer_kind,
        (select mask_names from settings)
    ) as customer_name,
    ranks.likeness_probability,
    ranks.reason_1,
    ranks.reason_2,
    ranks.reason_3
from ranks
inner join customers
    on ranks.customer_id = customers.customer_id
order by ranks.target_place, ranks.likeness_rank
