-- Recurring revenue by the month: how it went from the end of one month to the end of the next, in money and customers, and how it ties to billing.
-- grain: month_start
-- check: opening_amount + new_amount + expansion_amount + reactivated_amount - contraction_amount - churned_amount = closing_amount
-- check: opening_customer_count + new_customer_count + reactivated_customer_count - churned_customer_count = closing_customer_count
-- check: closing_amount = billed_amount + price_difference_amount + unbilled_amount + unlinked_amount
-- check: closing_amount >= 0 and closing_customer_count >= 0 and unbilled_amount >= 0
-- billed_amount: of the closing amount, what invoices charge by the month
-- price_difference_amount: price of subscriptions that an invoice covers, less what it charges
-- unbilled_amount: price of subscriptions that no invoice covers
-- unlinked_amount: price of subscriptions whose source never says what an invoice is for
-- invoiced_amount: documents of the month for subscriptions, whatever time they are for
with

months as (
    select * from facts.recurring_months
),

customers as (
    select * from features.recurring_customers
),

spans as (
    select * from features.subscription_spans where first_month < end_month
),

covers as (
    select * from features.subscription_covers
),

invoices as (
    select * from facts.subscription_invoices
),

moved as (
    select
        month_number,
        money_sum(new_amount) as new_amount,
        money_sum(expansion_amount) as expansion_amount,
        money_sum(reactivated_amount) as reactivated_amount,
        money_sum(contraction_amount) as contraction_amount,
        money_sum(churned_amount) as churned_amount,
        sum(case when new_amount > 0 then 1 else 0 end) as new_customer_count,
        sum(case when expansion_amount > 0 then 1 else 0 end) as expanded_customer_count,
        sum(case when reactivated_amount > 0 then 1 else 0 end) as reactivated_customer_count,
        sum(case when contraction_amount > 0 then 1 else 0 end) as contracted_customer_count,
        sum(case when churned_amount > 0 then 1 else 0 end) as churned_customer_count
    from customers
    group by month_number
),

steps as (
    select first_month as month_number, monthly_amount as price_amount, 0 as covered_amount, 0 as billed_amount, is_linked from spans
    union all
    select end_month as month_number, - monthly_amount as price_amount, 0 as covered_amount, 0 as billed_amount, is_linked from spans
    union all
    select first_month as month_number, 0 as price_amount, monthly_amount as covered_amount, billed_amount, 1 = 1 as is_linked from covers
    union all
    select end_month as month_number, 0 as price_amount, - monthly_amount as covered_amount, - billed_amount, 1 = 1 as is_linked from covers
),

stepped as (
    select
        month_number,
        money_sum(case when is_linked then price_amount else 0 end) as linked_amount,
        money_sum(case when is_linked then 0 else price_amount end) as unlinked_amount,
        money_sum(covered_amount) as covered_amount,
        money_sum(billed_amount) as billed_amount
    from steps
    group by month_number
),

invoiced as (
    select
        month_of(invoice_date) as month_start,
        count(*) as invoice_count,
        money_sum(invoice_amount) as invoiced_amount
    from invoices
    group by month_of(invoice_date)
),

joined as (
    select
        months.month_number,
        months.month_start,
        months.position_date,
        coalesce(moved.new_amount, 0) as new_amount,
        coalesce(moved.expansion_amount, 0) as expansion_amount,
        coalesce(moved.reactivated_amount, 0) as reactivated_amount,
        coalesce(moved.contraction_amount, 0) as contraction_amount,
        coalesce(moved.churned_amount, 0) as churned_amount,
        coalesce(moved.new_customer_count, 0) as new_customer_count,
        coalesce(moved.expanded_customer_count, 0) as expanded_customer_count,
        coalesce(moved.reactivated_customer_count, 0) as reactivated_customer_count,
        coalesce(moved.contracted_customer_count, 0) as contracted_customer_count,
        coalesce(moved.churned_customer_count, 0) as churned_customer_count,
        coalesce(stepped.linked_amount, 0) as linked_amount,
        coalesce(stepped.unlinked_amount, 0) as unlinked_amount,
        coalesce(stepped.covered_amount, 0) as covered_amount,
        coalesce(stepped.billed_amount, 0) as billed_amount,
        coalesce(invoiced.invoice_count, 0) as invoice_count,
        coalesce(invoiced.invoiced_amount, 0) as invoiced_amount
    from months
    left join moved
        on months.month_number = moved.month_number
    left join stepped
        on months.month_number = stepped.month_number
    left join invoiced
        on months.month_start = invoiced.month_start
),

running as (
    select
        *,
        to_cents(sum(new_amount + expansion_amount + reactivated_amount - contraction_amount - churned_amount)
            over (order by month_number)) as closing_amount,
        sum(new_customer_count + reactivated_customer_count - churned_customer_count)
            over (order by month_number) as closing_customer_count,
        to_cents(sum(linked_amount) over (order by month_number)) as linked_price_amount,
        to_cents(sum(unlinked_amount) over (order by month_number)) as unlinked_price_amount,
        to_cents(sum(covered_amount) over (order by month_number)) as covered_price_amount,
        to_cents(sum(billed_amount) over (order by month_number)) as billed_price_amount
    from joined
)

select
    month_number,
    month_start,
    position_date,
    coalesce(lag(closing_amount) over (order by month_number), 0) as opening_amount,
    new_amount,
    expansion_amount,
    reactivated_amount,
    contraction_amount,
    churned_amount,
    closing_amount,
    to_integer(coalesce(lag(closing_customer_count) over (order by month_number), 0)) as opening_customer_count,
    to_integer(new_customer_count) as new_customer_count,
    to_integer(expanded_customer_count) as expanded_customer_count,
    to_integer(reactivated_customer_count) as reactivated_customer_count,
    to_integer(contracted_customer_count) as contracted_customer_count,
    to_integer(churned_customer_count) as churned_customer_count,
    to_integer(closing_customer_count) as closing_customer_count,
    billed_price_amount as billed_amount,
    covered_price_amount - billed_price_amount as price_difference_amount,
    linked_price_amount - covered_price_amount as unbilled_amount,
    unlinked_price_amount as unlinked_amount,
    to_integer(invoice_count) as invoice_count,
    invoiced_amount
from running
