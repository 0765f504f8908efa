-- Why each customer who left lately did, as far as anything speaks for it: the type with the heaviest evidence; of equals malicious, price, competitive, fault, natural in this order.
-- grain: customer_id
-- check: churn_type in ('natural', 'price', 'competitive', 'fault', 'malicious', 'unknown')
-- churn_type: natural only where the customer or the export says so; unknown where nothing speaks
-- evidence: what speaks for it most, as in features.churn_evidence
-- evidence_count: how many things of this kind there are, in all that speaks for the type
-- evidence_date: the last of them
with

losses as (
    select * from features.churn_losses
),

evidence as (
    select * from features.churn_evidence
),

types as (
    select
        customer_id,
        churn_type,
        sum(weight) as weight,
        sum(evidence_count) as evidence_count,
        max(evidence_date) as evidence_date
    from evidence
    group by customer_id, churn_type
    having sum(weight) >= 1
),

chosen as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                weight desc,
                case churn_type when 'malicious' then 1 when 'price' then 2 when 'competitive' then 3 when 'fault' then 4 else 5 end
        ) as place
    from types
),

heaviest as (
    select
        customer_id,
        churn_type,
        evidence,
        row_number() over (partition by customer_id, churn_type order by weight desc, evidence) as place
    from evidence
)

select
    losses.customer_id,
    losses.lost_date,
    losses.certain_date,
    losses.is_gone,
    coalesce(chosen.churn_type, 'unknown') as churn_type,
    heaviest.evidence,
    to_integer(coalesce(chosen.evidence_count, 0)) as evidence_count,
    chosen.evidence_date
from losses
left join chosen
    on losses.customer_id = chosen.customer_id
    and chosen.place = 1
left join heaviest
    on chosen.customer_id = heaviest.customer_id
    and chosen.churn_type = heaviest.churn_type
    and heaviest.place = 1
