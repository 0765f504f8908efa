-- The base from month to month: who came, ordered again, came back or was lost, and what the month brought.
-- grain: month_start
-- check: closing_count = opening_count + new_count + reactivated_count - lost_count
-- check: net_amount = new_amount + repeat_amount + reactivated_amount
-- check: net_amount = previous_net_amount + new_amount + reactivated_amount + repeat_change_amount
-- closing_count: active customers at the end of the month: with an order in the months that are set, this one included
-- repeat_count: customers who ordered and were active before
-- lost_count: customers whose last order of the months that are set passed out of them; not before the month is over
-- lost_amount: what the lost had brought in as many months up to their last order
-- repeat_amount: also what customers without an order in the month brought or took back: returns, subscriptions
-- repeat_change_amount: what customers of before brought, less all that the month before brought
with

settings as (
    select * from run.settings
),

months as (
    select * from results.value_months
),

customer_months as (
    select * from features.contribution_months
),

lost_customer_months as (
    select *
    from features.contribution_months
    where last_order_month < (
        select months_before(month_of(days_before(as_of_date, -1)), value_active_months) from run.settings
    )
),

long_customer_months as (
    select *
    from features.contribution_months
    where months_between(first_order_month, last_order_month) > (select value_active_months from run.settings)
),

order_months as (
    select
        customer_id,
        month_start,
        net_amount,
        lag(month_start) over (partition by customer_id order by month_start) as earlier_month
    from long_customer_months
    where order_count > 0
),

reactivations as (
    select *
    from order_months
    where months_between(earlier_month, month_start) > (select value_active_months from settings)
),

came as (
    select
        month_start,
        count(case when order_count > 0 then 1 end) as order_customer_count,
        count(case when month_start = first_order_month then 1 end) as new_count,
        money_sum(case when month_start = first_order_month then net_amount end) as new_amount,
        money_sum(net_amount) as net_amount,
        money_sum(contribution_amount) as contribution_amount
    from customer_months
    group by month_start
),

came_back as (
    select
        month_start,
        count(*) as reactivated_count,
        money_sum(net_amount) as reactivated_amount
    from reactivations
    group by month_start
),

months_before_loss as (
    select
        last_order_month as lost_after_month,
        month_start,
        net_amount
    from lost_customer_months
    union all
    select
        reactivations.earlier_month as lost_after_month,
        long_customer_months.month_start,
        long_customer_months.net_amount
    from reactivations
    inner join long_customer_months
        on reactivations.customer_id = long_customer_months.customer_id
),

went as (
    select
        lost_after_month,
        count(case when month_start = lost_after_month then 1 end) as lost_count,
        money_sum(net_amount) as lost_amount
    from months_before_loss
    where month_start <= lost_after_month
        and months_between(month_start, lost_after_month) < (select value_active_months from settings)
    group by lost_after_month
),

monthly as (
    select
        months.month_start,
        months.is_whole_month,
        coalesce(came.new_count, 0) as new_count,
        coalesce(came.order_customer_count, 0) - coalesce(came.new_count, 0) - coalesce(came_back.reactivated_count, 0) as repeat_count,
        coalesce(came_back.reactivated_count, 0) as reactivated_count,
        coalesce(went.lost_count, 0) as lost_count,
        coalesce(came.new_amount, 0) as new_amount,
        coalesce(came.net_amount, 0) - coalesce(came.new_amount, 0) - coalesce(came_back.reactivated_amount, 0) as repeat_amount,
        coalesce(came_back.reactivated_amount, 0) as reactivated_amount,
        coalesce(came.net_amount, 0) as net_amount,
        coalesce(came.contribution_amount, 0) as contribution_amount,
        coalesce(went.lost_amount, 0) as lost_amount
    from months
    left join came
        on months.month_start = came.month_start
    left join came_back
        on months.month_start = came_back.month_start
    left join went
        on months.month_start = months_before(went.lost_after_month, - (select value_active_months from settings))
),

running as (
    select
        *,
        coalesce(lag(net_amount) over (order by month_start), 0) as previous_net_amount,
        sum(new_count + reactivated_count - lost_count) over (
            order by month_start
            rows between unbounded preceding and current row
        ) as closing_count
    from monthly
)

select
    month_start,
    is_whole_month,
    coalesce(lag(closing_count) over (order by month_start), 0) as opening_count,
    new_count,
    repeat_count,
    reactivated_count,
    lost_count,
    closing_count,
    previous_net_amount,
    new_amount,
    reactivated_amount,
    repeat_amount,
    repeat_amount - previous_net_amount as repeat_change_amount,
    net_amount,
    contribution_amount,
    lost_amount
from running
order by month_start
