-- The customers who contributed most in the window, as many as are set, beside what they contributed in the window before.
-- grain: customer_id
-- customer_name: a person's is masked, unless the pipeline says otherwise
-- contribution_share: of the whole contribution; empty when that is not above zero
-- contribution_change: rise or fall against the window before, as a share of it; empty where that was not above zero
with

settings as (
    select * from run.settings
),

ranks as (
    select *
    from results.value_ranks
    where contribution_amount > 0
        and contribution_rank <= (select value_key_accounts from run.settings)
),

tiers as (
    select * from results.value_tiers
),

contribution as (
    select * from features.contribution
),

customers as (
    select * from unified.customers
),

totals as (
    select money_sum(contribution_amount) as contribution_amount from tiers
)

select
    ranks.customer_id,
    ranks.contribution_rank,
    customers.customer_key,
    shown_name(customers.customer_name, customers.customer_kind, (select mask_names from settings)) as customer_name,
    tiers.tier,
    tiers.rests_on,
    ranks.contribution_amount,
    case
        when (select contribution_amount from totals) > 0
            then ratio(ranks.contribution_amount, (select contribution_amount from totals))
    end as contribution_share,
    contribution.before_contribution_amount,
    case
        when contribution.before_contribution_amount > 0
            then ratio(ranks.contribution_amount - contribution.before_contribution_amount, contribution.before_contribution_amount)
    end as contribution_change,
    contribution.order_count,
    contribution.before_order_count,
    contribution.net_amount,
    contribution.before_net_amount,
    customers.owner_name
from ranks
inner join tiers
    on ranks.customer_id = tiers.customer_id
inner join contribution
    on ranks.customer_id = contribution.customer_id
inner join customers
    on ranks.customer_id = customers.customer_id
order by ranks.contribution_rank
