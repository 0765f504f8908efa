-- Customers by the month of their first order: how many ordered again in time, and what they have contributed since.
-- grain: cohort_month
-- again_1_share: of the cohort, who ordered on another day within one month of the first order; empty until the whole cohort has had that long, as are the others
-- contribution_amount: of all history
with

settings as (
    select * from run.settings
),

contribution as (
    select * from features.contribution where first_order_date is not null
),

repeaters as (
    select
        customer_id,
        first_order_date,
        last_order_date
    from features.contribution
    where last_order_date > first_order_date
),

customer_months as (
    select * from features.contribution_months where first_order_month is not null
),

orders as (
    select * from facts.orders where is_purchase
),

second_orders as (
    select
        repeaters.first_order_date,
        min(orders.order_date) as second_order_date
    from orders
    inner join repeaters
        on orders.customer_id = repeaters.customer_id
    where orders.order_date > repeaters.first_order_date
        and orders.order_date <= repeaters.last_order_date
    group by repeaters.customer_id, repeaters.first_order_date
),

cohorts as (
    select
        month_of(first_order_date) as cohort_month,
        count(*) as customer_count
    from contribution
    group by month_of(first_order_date)
),

repeated as (
    select
        month_of(first_order_date) as cohort_month,
        count(*) as again_count,
        count(case when second_order_date <= months_before(first_order_date, -1) then 1 end) as again_1_count,
        count(case when second_order_date <= months_before(first_order_date, -3) then 1 end) as again_3_count,
        count(case when second_order_date <= months_before(first_order_date, -6) then 1 end) as again_6_count,
        count(case when second_order_date <= months_before(first_order_date, -12) then 1 end) as again_12_count
    from second_orders
    group by month_of(first_order_date)
),

brought as (
    select
        first_order_month as cohort_month,
        money_sum(contribution_amount) as contribution_amount
    from customer_months
    group by first_order_month
)

select
    cohorts.cohort_month,
    cohorts.customer_count,
    ratio(coalesce(repeated.again_count, 0), cohorts.customer_count) as again_share,
    case
        when months_before(cohorts.cohort_month, -2) <= days_before((select as_of_date from settings), -1)
            then ratio(coalesce(repeated.again_1_count, 0), cohorts.customer_count)
    end as again_1_share,
    case
        when months_before(cohorts.cohort_month, -4) <= days_before((select as_of_date from settings), -1)
            then ratio(coalesce(repeated.again_3_count, 0), cohorts.customer_count)
    end as again_3_share,
    case
        when months_before(cohorts.cohort_month, -7) <= days_before((select as_of_date from settings), -1)
            then ratio(coalesce(repeated.again_6_count, 0), cohorts.customer_count)
    end as again_6_share,
    case
        when months_before(cohorts.cohort_month, -13) <= days_before((select as_of_date from settings), -1)
            then ratio(coalesce(repeated.again_12_count, 0), cohorts.customer_count)
    end as again_12_share,
    brought.contribution_amount,
    ratio(brought.contribution_amount, cohorts.customer_count) as mean_contribution_amount
from cohorts
left join repeated
    on cohorts.cohort_month = repeated.cohort_month
inner join brought
    on cohorts.cohort_month = brought.cohort_month
order by cohorts.cohort_month
