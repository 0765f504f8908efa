-- Those more like the members of each target than a customer is on the mean, the likest first, at most as many as are set.
-- grain: target_place, customer_id
-- likeness_rank: within a target; of equal probability, who is nearer in what is known comes first, then the lower id
with

targets as (
    select * from results.likeness_targets
),

scores as (
    select * from results.likeness_scores
),

ranked as (
    select
        scores.target_place,
        scores.customer_id,
        scores.likeness_probability,
        scores.reason_1,
        scores.reason_2,
        scores.reason_3,
        targets.is_look_alike,
        targets.target_title,
        targets.suggested_action,
        targets.action_unasked,
        targets.list_length,
        row_number() over (
            partition by scores.target_place
            order by scores.likeness_probability desc, scores.likeness_evidence desc, scores.customer_id
        ) as place
    from scores
    inner join targets
        on scores.target_place = targets.target_place
    where scores.likeness_probability > targets.base_rate
)

select
    target_place,
    customer_id,
    to_integer(place) as likeness_rank,
    round(likeness_probability, 4) as likeness_probability,
    reason_1,
    reason_2,
    reason_3,
    is_look_alike,
    target_title,
    suggested_action,
    action_unasked
from ranked
where place <= coalesce(list_length, place)
