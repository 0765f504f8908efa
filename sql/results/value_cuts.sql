-- The contribution from which a customer is in tier A, B or C: that of the last customer within the share, or the amount that is set.
-- grain: tier
-- cut_amount: empty when nobody contributed anything
with

settings as (
    select * from run.settings
),

ranks as (
    select * from results.value_ranks
),

thresholds as (
    select 'A' as tier, to_number(value_tier_a) as threshold from settings
    union all
    select 'B' as tier, to_number(value_tier_b) as threshold from settings
    union all
    select 'C' as tier, to_number(value_tier_c) as threshold from settings
),

within as (
    select
        thresholds.tier,
        max(thresholds.threshold) as threshold,
        min(case
            when ranks.contribution_amount > 0 and ranks.share_before < thresholds.threshold then ranks.contribution_amount
        end) as share_cut_amount
    from thresholds
    cross join ranks
    group by thresholds.tier
)

select
    tier,
    threshold,
    case
        when (select value_tier_by from settings) = 'amount' then threshold
        else to_number(share_cut_amount)
    end as cut_amount
from within
