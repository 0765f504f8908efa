-- Recurring revenue of each customer in each month that changes it, from the end of the month before to the end of this one.
-- grain: customer_id, month_number
-- check: opening_amount + new_amount + expansion_amount + reactivated_amount - contraction_amount - churned_amount = closing_amount
-- check: opening_amount >= 0 and closing_amount >= 0 and opening_amount + closing_amount > 0
-- new_amount: of a customer who never had any at the end of a month
-- reactivated_amount: of a customer who had some, then none, and has some again
-- churned_amount: of a customer who had some at the end of the month before and has none left
with

months as (
    select * from facts.recurring_months
),

spans as (
    select * from features.subscription_spans where first_month < end_month
),

steps as (
    select customer_id, first_month as month_number, monthly_amount as change_amount from spans
    union all
    select customer_id, end_month as month_number, - monthly_amount as change_amount from spans
),

changes as (
    select
        customer_id,
        month_number,
        money_sum(change_amount) as change_amount
    from steps
    where month_number <= (select max(month_number) from months)
    group by customer_id, month_number
),

closings as (
    select
        customer_id,
        month_number,
        change_amount,
        row_number() over (partition by customer_id order by month_number) = 1 as is_first,
        to_cents(sum(change_amount) over (
            partition by customer_id
            order by month_number
        )) as closing_amount
    from changes
),

moves as (
    select
        *,
        closing_amount - change_amount as opening_amount
    from closings
)

select
    moves.customer_id,
    moves.month_number,
    months.month_start,
    moves.opening_amount,
    case when moves.is_first then moves.closing_amount else 0 end as new_amount,
    case
        when moves.opening_amount > 0 and moves.closing_amount > moves.opening_amount
            then moves.closing_amount - moves.opening_amount
        else 0
    end as expansion_amount,
    case when moves.opening_amount = 0 and not moves.is_first then moves.closing_amount else 0 end as reactivated_amount,
    case
        when moves.closing_amount > 0 and moves.closing_amount < moves.opening_amount
            then moves.opening_amount - moves.closing_amount
        else 0
    end as contraction_amount,
    case when moves.closing_amount = 0 then moves.opening_amount else 0 end as churned_amount,
    moves.closing_amount
from moves
inner join months
    on moves.month_number = months.month_number
