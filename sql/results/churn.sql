-- Tonight's forecast of leaving for every customer, what is at stake, and whom to call first; those gone and those too new to say are here without a forecast.
-- grain: customer_id
-- check: churn_probability is null or churn_probability between 0 and 1
-- check: state = 'active' or churn_probability is null
-- state: active, gone or too_new
-- churn_probability: of leaving within window_days; empty where nothing could be learnt
-- risk_band: high, middle or low
-- value_at_risk: the probability times what the customer contributed in the last twelve months, where that is more than nothing
-- expected_saving: what a call is expected to keep, less its cost
-- previous_probability: of the last run, as is previous_reason_1, which is empty where that run spoke another language
-- probability_change: empty where the definition or the window is another than that of the last run
-- warning_count: of features.churn_warnings
-- call_rank: 1 is to be called first: by value at risk, or, where the rule in use today makes the list, those it flags by contribution; as many as the list may hold, and by value at risk only while a call is expected to pay; where nobody brought money, those likelier to leave than the base; where nothing could be learnt, those of whom features.churn_warnings has a warning by contribution, whoever brings nothing only where none of them brings anything
with

settings as (
    select * from run.settings
),

churn as (
    select * from features.churn where purpose = 'score'
),

definition as (
    select * from features.churn_definition
),

scores as (
    select * from results.churn_scores where snapshot_date = (select as_of_date from run.settings)
),

model as (
    select * from results.churn_model
),

warnings as (
    select * from features.churn_warnings
),

warned as (
    select
        warnings.customer_id,
        max(case when churn.contribution_amount > 0 then 1 else 0 end) over () as brings_money
    from warnings
    inner join churn
        on warnings.customer_id = churn.customer_id
),

previous as (
    select * from run.previous_churn
),

other_languages as (
    select * from run.previous_churn_basis where language <> (select language from run.settings)
),

differences as (
    select * from features.churn_comparison where difference is not null
),

scored as (
    select
        churn.customer_id,
        churn.state,
        churn.last_life_date,
        churn.gone_date,
        churn.recency_days,
        churn.lateness,
        churn.contribution_amount,
        coalesce(warnings.warning_count, 0) as warning_count,
        warnings.severity,
        definition.window_days,
        scores.churn_probability,
        scores.leaf,
        scores.reason_1,
        scores.reason_2,
        scores.reason_3,
        to_number(previous.churn_probability) as previous_probability,
        case when (select count(*) from other_languages) = 0 then previous.reason_1 end as previous_reason_1,
        previous.window_days = definition.window_days
            and (select count(*) from differences) = 0 as is_comparable,
        case
            when scores.customer_id is not null
                then to_cents(scores.churn_probability * to_number(greatest(churn.contribution_amount, 0)))
        end as value_at_risk
    from churn
    cross join definition
    left join scores
        on churn.customer_id = scores.customer_id
        and churn.state = 'active'
    left join previous
        on churn.customer_id = previous.customer_id
    left join warnings
        on churn.customer_id = warnings.customer_id
),

judged as (
    select
        scored.*,
        case
            when scored.churn_probability >= model.high_from then 'high'
            when scored.churn_probability <= model.low_to then 'low'
            when scored.churn_probability is not null then 'middle'
        end as risk_band,
        to_money(model.success_rate * to_number(scored.value_at_risk) - model.contact_cost) as expected_saving,
        model.ranks_by,
        model.base_rate,
        model.list_length
    from scored
    cross join model
),

ranked as (
    select
        customer_id,
        list_length,
        row_number() over (
            order by
                case when ranks_by = 'model' then value_at_risk else contribution_amount end desc,
                churn_probability desc,
                severity desc,
                customer_id
        ) as place
    from judged
    where case ranks_by
        when 'model' then expected_saving > 0
        when 'probability' then churn_probability > base_rate
        when 'rule' then state = 'active' and contribution_amount > 0 and recency_days > (select churn_rule_days from settings)
        else warning_count > 0
            and (contribution_amount > 0 or (select max(brings_money) from warned) = 0)
    end
)

select
    judged.customer_id,
    judged.state,
    judged.churn_probability,
    judged.window_days,
    judged.risk_band,
    judged.contribution_amount,
    judged.value_at_risk,
    judged.expected_saving,
    case when ranked.place <= coalesce(ranked.list_length, ranked.place) then to_integer(ranked.place) end as call_rank,
    judged.previous_probability,
    case
        when judged.is_comparable then judged.churn_probability - judged.previous_probability
    end as probability_change,
    judged.previous_reason_1,
    judged.reason_1,
    judged.reason_2,
    judged.reason_3,
    judged.leaf,
    judged.last_life_date,
    judged.gone_date,
    judged.recency_days,
    judged.lateness,
    judged.warning_count
from judged
left join ranked
    on judged.customer_id = ranked.customer_id
