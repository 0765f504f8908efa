-- How far the contribution hangs on few customers: in the window, and in each whole quarter of history.
-- grain: period_kind, period_start
-- period_kind: window, or quarter
-- period_start: the first day of the period
-- top_10_share: of the whole contribution, what the best 10 % of the period's customers brought, one at least; empty when the whole is not above zero
-- gini: 0 all equal, near 1 all from one, (n - 1) / n of n customers; with the sum of absolute values below the line, so that losses leave it below 1, after Raffinetti, Siletti & Vernizzi (2015)
-- herfindahl: sum of the squared shares of those who contribute; n equal customers have 1 / n
with

settings as (
    select * from run.settings
),

ranks as (
    select * from results.value_ranks
),

months as (
    select * from results.value_months
),

customer_months as (
    select * from features.contribution_months
),

quarterly as (
    select
        customer_months.customer_id,
        months.quarter_start as period_start,
        money_sum(customer_months.contribution_amount) as contribution_amount
    from customer_months
    inner join months
        on customer_months.month_start = months.month_start
    where months.is_whole_quarter
    group by customer_months.customer_id, months.quarter_start
),

ranked as (
    select
        1 = 0 as is_quarter,
        days_before(months_before((select as_of_date from settings), (select value_window_months from settings)), -1) as period_start,
        contribution_amount,
        contribution_rank
    from ranks
    union all
    select
        1 = 1 as is_quarter,
        period_start,
        contribution_amount,
        to_integer(row_number() over (partition by period_start order by contribution_amount desc, customer_id)) as contribution_rank
    from quarterly
),

counted as (
    select
        is_quarter,
        period_start,
        to_integer(greatest(1, round(0.01 * count(*)))) as top_1_count,
        to_integer(greatest(1, round(0.05 * count(*)))) as top_5_count,
        to_integer(greatest(1, round(0.1 * count(*)))) as top_10_count,
        to_integer(greatest(1, round(0.2 * count(*)))) as top_20_count
    from ranked
    group by is_quarter, period_start
),

summed as (
    select
        ranked.is_quarter,
        ranked.period_start,
        count(*) as customer_count,
        money_sum(ranked.contribution_amount) as contribution_amount,
        money_sum(abs(ranked.contribution_amount)) as absolute_amount,
        money_sum(case when ranked.contribution_amount > 0 then ranked.contribution_amount else 0 end) as positive_amount,
        count(case when ranked.contribution_amount < 0 then 1 end) as losing_count,
        money_sum(case when ranked.contribution_amount < 0 then ranked.contribution_amount else 0 end) as lost_amount,
        sum(case when ranked.contribution_amount > 0 then to_square(ranked.contribution_amount) else 0 end) as square_amount,
        sum(money_times(ranked.contribution_amount, ranked.contribution_rank)) as ranked_amount,
        money_sum(case when ranked.contribution_rank <= counted.top_1_count then ranked.contribution_amount else 0 end) as top_1_amount,
        money_sum(case when ranked.contribution_rank <= counted.top_5_count then ranked.contribution_amount else 0 end) as top_5_amount,
        money_sum(case when ranked.contribution_rank <= counted.top_10_count then ranked.contribution_amount else 0 end) as top_10_amount,
        money_sum(case when ranked.contribution_rank <= counted.top_20_count then ranked.contribution_amount else 0 end) as top_20_amount
    from ranked
    inner join counted
        on ranked.is_quarter = counted.is_quarter
        and ranked.period_start = counted.period_start
    group by ranked.is_quarter, ranked.period_start
)

select
    case when is_quarter then 'quarter' else 'window' end as period_kind,
    period_start,
    customer_count,
    contribution_amount,
    positive_amount,
    losing_count,
    lost_amount,
    case when contribution_amount > 0 then ratio(top_1_amount, contribution_amount) end as top_1_share,
    case when contribution_amount > 0 then ratio(top_5_amount, contribution_amount) end as top_5_share,
    case when contribution_amount > 0 then ratio(top_10_amount, contribution_amount) end as top_10_share,
    case when contribution_amount > 0 then ratio(top_20_amount, contribution_amount) end as top_20_share,
    ratio(
        (customer_count + 1) * to_number(contribution_amount) - 2 * to_number(ranked_amount),
        customer_count * to_number(absolute_amount)
    ) as gini,
    ratio(square_amount, to_number(positive_amount) * to_number(positive_amount)) as herfindahl
from summed
order by is_quarter, period_start
