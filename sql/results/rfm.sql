-- RFM of every customer with an order: scores, segment, how late they are, whether they order less, and whom to call first.
-- grain: customer_id
-- check: segment is not null
-- check: recency_score >= 1
-- lateness_probability: how likely someone with this rhythm would have ordered again by now
-- frequency_change: rise or fall where it is more than chance (two-sided, 5 %), else steady; empty where history is too short to say
-- leaving_likelihood: lateness and a tested fall taken together; orders the list, is no forecast
-- relationship_status: new, active, slipping or lapsed; lapsed is silent for longer than the base's customers ever are and come back, or far beyond the own rhythm
-- slipping_rank: 1 is to be called first: by likelihood of leaving in four bands, then by money
with

settings as (
    select * from run.settings
),

features as (
    select * from features.rfm
),

scores as (
    select * from results.rfm_scores
),

vocabulary as (
    select * from results.rfm_vocabulary
),

model as (
    select * from results.rfm_model
),

scored as (
    select
        features.customer_id,
        features.recency_days,
        features.order_count,
        features.total_amount,
        features.monetary,
        features.first_order_date,
        features.last_order_date,
        features.order_day_count,
        features.rhythm_days,
        features.recent_days,
        features.recent_order_day_count,
        features.earlier_days,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        vocabulary.segment,
        scores.lateness_probability,
        scores.rate_change_z,
        case
            when scores.rate_change_z is null then null
            when abs(scores.rate_change_z) < 1.959964e0 then 'steady'
            when scores.rate_change_z > 0 then 'rise'
            else 'fall'
        end as frequency_change
    from features
    inner join scores
        on features.customer_id = scores.customer_id
    left join vocabulary
        on scores.recency_level = vocabulary.recency_level
        and scores.frequency_level = vocabulary.frequency_level
        and scores.monetary_level = vocabulary.monetary_level
),

weighed as (
    select
        *,
        case
            when frequency_change = 'fall' then 1e0 - (1e0 - lateness_probability) * 2e0 * normal_cdf(rate_change_z)
            else lateness_probability
        end as leaving_likelihood
    from scored
),

judged as (
    select
        *,
        case
            when recency_days > (select lapsed_after_days from model)
                or recency_days > 2 * (select rfm_recent_days from settings) and lateness_probability > 0.9999e0 then 'lapsed'
            when leaving_likelihood >= (select rfm_slipping_from from settings) then 'slipping'
            when order_day_count = 1 then 'new'
            else 'active'
        end as relationship_status
    from weighed
),

ranked as (
    select
        customer_id,
        row_number() over (
            order by
                case
                    when leaving_likelihood >= 0.99e0 then 1
                    when leaving_likelihood >= 0.975e0 then 2
                    when leaving_likelihood >= 0.95e0 then 3
                    else 4
                end,
                monetary desc,
                customer_id
        ) as slipping_rank
    from judged
    where relationship_status = 'slipping'
)

select
    judged.customer_id,
    judged.recency_days,
    judged.order_count,
    judged.total_amount,
    judged.monetary,
    judged.first_order_date,
    judged.last_order_date,
    judged.order_day_count,
    judged.rhythm_days,
    judged.recent_days,
    judged.recent_order_day_count,
    judged.earlier_days,
    judged.recency_score,
    judged.frequency_score,
    judged.monetary_score,
    judged.segment,
    judged.lateness_probability,
    judged.frequency_change,
    judged.leaving_likelihood,
    judged.relationship_status,
    to_integer(ranked.slipping_rank) as slipping_rank
from judged
left join ranked
    on judged.customer_id = ranked.customer_id
