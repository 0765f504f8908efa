-- What speaks for leaving with each active customer tonight without anything having been learnt: what stands in for a model where there is too little to learn from.
-- By orders, a silence longer than the own rhythm. By subscriptions, also a renewal that is overdue, an unpaid invoice, a long contract near its end, and use that is late or down. By usage, use that is late or down against the customer's own.
-- A renewal is overdue when the paid period that the export names is over by more than a week, or billing has stopped; a contract ends in the last quarter of a term of a quarter or longer, at most the window before, by the end that is named, or counted from the start.
-- grain: customer_id
-- check: warning_count between 1 and 6
-- warning_1: the first in this order: renewal_overdue, invoice_unpaid, contract_ends, use_down, use_late, orders_late; warning_2 and warning_3 the next
-- value_1: of renewal_overdue the days since it was due; of invoice_unpaid the money; of contract_ends the days left; of use_down the use of the last window as a share of the mean of up to three before; of use_late and orders_late the silence as a multiple of what is usual
-- severity: how far beyond the limit of each, summed; 1 is at a limit
with

settings as (
    select * from run.settings
),

definition as (
    select * from features.churn_definition
),

active as (
    select *
    from features.churn
    where purpose = 'score'
        and state = 'active'
),

subscriptions as (
    select
        subscriptions.source,
        subscriptions.subscription_key,
        subscriptions.customer_id,
        subscriptions.interval_days,
        subscriptions.age_days,
        exported.current_period_end
    from facts.subscriptions as subscriptions
    inner join staged.subscriptions as exported
        on subscriptions.source = exported.source
        and subscriptions.subscription_key = exported.subscription_key
    where subscriptions.is_active
),

billing as (
    select * from features.subscription_billing
),

usage as (
    select * from features.churn_usage where snapshot_date = (select as_of_date from settings)
),

usage_days as (
    select * from facts.usage_days
),

terms as (
    select
        subscriptions.customer_id,
        subscriptions.interval_days,
        greatest(
            days_between(subscriptions.current_period_end, settings.as_of_date),
            case
                when billing.is_billing_stopped
                    then days_between(billing.last_invoice_date, settings.as_of_date) - subscriptions.interval_days
            end
        ) as late_days,
        case
            when days_between(settings.as_of_date, subscriptions.current_period_end) between 0 and subscriptions.interval_days
                then days_between(settings.as_of_date, subscriptions.current_period_end)
            else round((floor(subscriptions.age_days / subscriptions.interval_days) + 1) * subscriptions.interval_days - subscriptions.age_days)
        end as days_left,
        least(definition.window_days, subscriptions.interval_days / 4) as near_days
    from subscriptions
    cross join settings
    cross join definition
    left join billing
        on subscriptions.source = billing.source
        and subscriptions.subscription_key = billing.subscription_key
),

usage_gaps as (
    select
        customer_id,
        usage_date,
        days_between(
            lag(usage_date) over (partition by customer_id order by usage_date),
            usage_date
        ) as gap_days
    from usage_days
),

rhythms as (
    select
        customer_id,
        max(usage_date) as last_usage_date,
        ratio(sum(gap_days), count(gap_days)) + 1.645e0 * sqrt(greatest(0e0, to_number(
            count(gap_days) * sum(gap_days * gap_days) - sum(gap_days) * sum(gap_days)
        )) / (to_number(count(gap_days)) * to_number(count(gap_days) - 1))) as usual_days
    from usage_gaps
    group by customer_id
    having count(gap_days) >= 2
),

warnings as (
    select
        customer_id,
        'renewal_overdue' as warning,
        1 as place,
        to_number(max(late_days)) as warning_value,
        to_number(max(1 + late_days / interval_days)) as severity
    from terms
    where late_days > 7
    group by customer_id
    union all
    select
        customer_id,
        'invoice_unpaid' as warning,
        2 as place,
        to_number(overdue_amount) as warning_value,
        1e0 as severity
    from active
    where overdue_amount > 0
    union all
    select
        customer_id,
        'contract_ends' as warning,
        3 as place,
        to_number(min(days_left)) as warning_value,
        to_number(max(2 - days_left / near_days)) as severity
    from terms
    where interval_days >= 2.5e0 * days_a_month()
        and days_left <= near_days
        and coalesce(late_days <= 7, 1 = 1)
    group by customer_id
    union all
    select
        customer_id,
        'use_down' as warning,
        4 as place,
        window_quantity / earlier_window_quantity as warning_value,
        least(1000e0, coalesce(earlier_window_quantity / nullif(window_quantity, 0), 1000e0)) as severity
    from usage
    where earlier_window_quantity > 0
        and window_quantity <= (1e0 - to_number((select churn_usage_drop from settings)) / 2) * earlier_window_quantity
    union all
    select
        rhythms.customer_id,
        'use_late' as warning,
        5 as place,
        days_between(rhythms.last_usage_date, settings.as_of_date) / rhythms.usual_days as warning_value,
        least(1000e0, days_between(rhythms.last_usage_date, settings.as_of_date) / rhythms.usual_days) as severity
    from rhythms
    cross join settings
    where days_between(rhythms.last_usage_date, settings.as_of_date) > rhythms.usual_days
    union all
    select
        customer_id,
        'orders_late' as warning,
        6 as place,
        lateness as warning_value,
        least(1000e0, lateness) as severity
    from active
    where lateness > 1
),

allowed as (
    select
        warnings.*,
        active.snapshot_date,
        row_number() over (partition by warnings.customer_id order by warnings.place) as warning_place
    from warnings
    inner join active
        on warnings.customer_id = active.customer_id
    cross join definition
    where case definition.definition
        when 'orders' then warnings.warning = 'orders_late'
        when 'usage' then warnings.warning in ('use_down', 'use_late')
        else 1 = 1
    end
)

select
    customer_id,
    snapshot_date,
    to_integer(count(*)) as warning_count,
    to_number(sum(to_exact(severity))) as severity,
    max(case when warning_place = 1 then warning end) as warning_1,
    max(case when warning_place = 1 then warning_value end) as value_1,
    max(case when warning_place = 2 then warning end) as warning_2,
    max(case when warning_place = 2 then warning_value end) as value_2,
    max(case when warning_place = 3 then warning end) as warning_3,
    max(case when warning_place = 3 then warning_value end) as value_3
from allowed
group by customer_id, snapshot_date
