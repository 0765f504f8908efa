-- Why the probability of an active customer is another than that of the last run.
-- grain: customer_id
-- check: change_cause in ('definition', 'window', 'terms', 'first', 'time', 'customer', 'model')
-- probability_change: empty where the two are not of the same thing, or there was none
-- shift: how far the customer has moved in the tree of the last run; what is left of the change is learning anew
-- change_cause: definition, window or terms where those changed; first where the customer was not scored; model where more of the change is learning anew than the customer's own shift; of that shift time where a clock that nothing set back moved the customer most, else customer
-- change_feature: what moved the customer most, in words
with

churn as (
    select * from results.churn where churn_probability is not null
),

features as (
    select customer_id, usage_silent_days, contact_silent_days
    from features.churn
    where purpose = 'score'
),

comparison as (
    select * from features.churn_comparison
),

previous as (
    select * from run.previous_churn
),

moves as (
    select * from results.churn_moves where snapshot_date = (select as_of_date from run.settings)
),

shifts as (
    select * from results.churn_shifts
),

joined as (
    select
        churn.customer_id,
        churn.probability_change,
        previous.churn_probability as previous_probability,
        comparison.difference,
        coalesce(shifts.shift, 0e0) as shift,
        shifts.feature_label,
        case shifts.clock
            when 'always' then 1 = 1
            when 'orders' then churn.recency_days >= comparison.days_since
            when 'usage' then features.usage_silent_days >= comparison.days_since
            when 'contacts' then features.contact_silent_days >= comparison.days_since
            else 1 = 0
        end as is_time
    from churn
    cross join comparison
    inner join features
        on churn.customer_id = features.customer_id
    left join previous
        on churn.customer_id = previous.customer_id
    left join moves
        on churn.customer_id = moves.customer_id
    left join shifts
        on previous.leaf = shifts.leaf_then
        and moves.leaf_now = shifts.leaf_now
),

judged as (
    select
        *,
        case
            when difference is not null then difference
            when previous_probability is null then 'first'
            when abs(probability_change - shift) > abs(shift) then 'model'
            when coalesce(is_time, 1 = 0) then 'time'
            else 'customer'
        end as change_cause
    from joined
)

select
    customer_id,
    change_cause,
    probability_change,
    case when change_cause in ('time', 'customer', 'model') then shift end as shift,
    case when change_cause in ('time', 'customer') then feature_label end as change_feature
from judged
where difference is not null
    or previous_probability is null
    or abs(probability_change) >= 0.00005e0
