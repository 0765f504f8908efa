-- Customers who buy little or nothing in a unit that most customers like them buy from: those with the same main unit.
-- grain: customer_id, unit
-- peer_share: of the customers with the same main unit, those who buy from this one
-- expected_amount: spending there in a year, were it in the proportion to the main unit that is usual among those peers
-- missing_amount: that less what the customer spends there
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

settings as (
    select * from run.settings
),

spent as (
    select * from features.cross_unit
),

customers as (
    select * from unified.customers
),

addresses as (
    select customer_id, permitted_channels from facts.permitted_addresses
),

mains as (
    select customer_id, main_unit, main_amount
    from spent
    where unit = main_unit
),

sizes as (
    select
        main_unit,
        count(*) as peer_count
    from mains
    group by main_unit
),

usual as (
    select
        spent.main_unit,
        spent.unit,
        count(*) as buyer_count,
        quantile_at(ratio(spent.unit_amount, spent.main_amount), 0.5e0) as usual_ratio
    from spent
    where spent.unit <> spent.main_unit
    group by spent.main_unit, spent.unit
),

typical as (
    select
        usual.main_unit,
        usual.unit,
        usual.usual_ratio,
        ratio(usual.buyer_count, sizes.peer_count) as peer_share
    from usual
    inner join sizes
        on usual.main_unit = sizes.main_unit
    where usual.buyer_count >= 10
        and ratio(usual.buyer_count, sizes.peer_count) >= 0.5e0
),

compared as (
    select
        mains.customer_id,
        mains.main_unit,
        mains.main_amount,
        typical.unit,
        typical.peer_share,
        coalesce(spent.unit_amount, 0) as unit_amount,
        to_money(typical.usual_ratio * mains.main_amount) as expected_amount
    from mains
    inner join typical
        on mains.main_unit = typical.main_unit
    left join spent
        on mains.customer_id = spent.customer_id
        and typical.unit = spent.unit
),

found as (
    select
        compared.customer_id,
        customers.customer_key,
        customers.customer_name,
        shown_name(
            customers.customer_name,
            customers.customer_kind,
            (select mask_names from settings)
        ) as masked_name,
        compared.main_unit,
        compared.main_amount,
        compared.unit,
        compared.unit_amount,
        compared.expected_amount,
        to_money(compared.expected_amount - compared.unit_amount) as missing_amount,
        round(compared.peer_share, 4) as peer_share,
        customers.owner_name,
        coalesce(addresses.permitted_channels, '') as permitted_channels
    from compared
    inner join customers
        on compared.customer_id = customers.customer_id
    left join addresses
        on compared.customer_id = addresses.customer_id
    where compared.unit_amount < 0.25 * compared.expected_amount
)

select
    to_integer(row_number() over (order by missing_amount desc, customer_id, unit)) as cross_unit_rank,
    customer_id,
    customer_key,
    customer_name,
    masked_name,
    main_unit,
    main_amount,
    unit,
    unit_amount,
    expected_amount,
    missing_amount,
    peer_share,
    owner_name,
    permitted_channels
from found
order by cross_unit_rank
