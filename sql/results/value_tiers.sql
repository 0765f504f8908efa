-- Each customer who has bought, with their contribution of the window and the tier it makes.
-- grain: customer_id
-- check: tier in ('A', 'B', 'C', 'D')
-- rests_on: known, estimated (some cost is the base's rate), revenue (no cost of goods is known anywhere) or nothing (no revenue in the window)
-- is_kept: whether only the hysteresis keeps the tier, and the cut-points alone would give another
with

settings as (
    select * from run.settings
),

contributions as (
    select * from facts.contributions
),

contribution as (
    select * from features.contribution
),

cuts as (
    select * from results.value_cuts
),

previous as (
    select * from run.previous_value
),

costed as (
    select count(*) as document_count
    from contributions
    where has_cost
        and document_kind in ('order', 'return')
),

graded as (
    select
        contribution.customer_id,
        contribution.document_count,
        contribution.gross_amount,
        contribution.known_gross_amount,
        contribution.net_amount,
        contribution.contribution_amount,
        case
            when contribution.contribution_amount <= 0 then 4
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'A') then 1
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'B') then 2
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'C') then 3
            else 4
        end as raw_place,
        case
            when contribution.contribution_amount <= 0 then 4
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'A') * (1 - (select value_hysteresis from settings)) then 1
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'B') * (1 - (select value_hysteresis from settings)) then 2
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'C') * (1 - (select value_hysteresis from settings)) then 3
            else 4
        end as best_place,
        case
            when contribution.contribution_amount <= 0 then 4
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'A') * (1 + (select value_hysteresis from settings)) then 1
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'B') * (1 + (select value_hysteresis from settings)) then 2
            when contribution.contribution_amount >= (select cut_amount from cuts where tier = 'C') * (1 + (select value_hysteresis from settings)) then 3
            else 4
        end as worst_place,
        case previous.tier when 'A' then 1 when 'B' then 2 when 'C' then 3 when 'D' then 4 end as previous_place
    from contribution
    left join previous
        on contribution.customer_id = previous.customer_id
),

settled as (
    select
        *,
        case
            when previous_place is null then raw_place
            else greatest(best_place, least(worst_place, previous_place))
        end as place
    from graded
)

select
    customer_id,
    contribution_amount,
    net_amount,
    gross_amount,
    known_gross_amount,
    document_count,
    case
        when gross_amount = 0 then 'nothing'
        when known_gross_amount = gross_amount then 'known'
        when (select document_count from costed) = 0 then 'revenue'
        else 'estimated'
    end as rests_on,
    case place when 1 then 'A' when 2 then 'B' when 3 then 'C' else 'D' end as tier,
    place <> raw_place as is_kept
from settled
