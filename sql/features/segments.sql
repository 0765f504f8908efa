-- What each customer who has bought looks like on the as-of date: what segments are found from.
-- grain: customer_id
-- check: order_day_count >= 0
-- recency_days: since the last day with an order; empty where there are only subscriptions, as is the rhythm
-- order_day_count: days with an order that was not taken back whole, of all history; order_count_365_days is of the last year
-- total_amount: money of all history, net of what came back; order_amount_365_days is of the last year, as are all rates and counts below
-- average_order_amount: net money a day with an order, of all history
-- contribution_amount: what is left after goods, service and late payment, in the window of the analysis value
-- tenure_days: since the first order or the first invoice of a subscription
-- mean_gap_days: from one day with an order to the next, and gap_variation how uneven the gaps are: their deviation a mean
-- product_count: different products of all history, as is category_count; empty where no order line names one
-- main_category: the category that most money went to, and main_category_rate the share of it
-- discount_rate: of the gross amount, as is return_rate
-- channel: the way most orders of all history came, and channel_rate the share of them
-- contact_count_365_days: calls, meetings, mails and the like; of one kind on one day as many as the system notes that notes most, since two may note the same
-- payment_late_days: mean days from the due day to the payment; negative when paid early; what is open is late until now
-- monthly_amount: of subscriptions that run
with

settings as (
    select * from run.settings
),

order_days as (
    select * from features.order_days
),

contributions as (
    select * from facts.contributions
),

valued as (
    select customer_id, first_order_date, contribution_amount from features.contribution
),

subscriptions as (
    select customer_id, monthly_amount from facts.subscriptions where is_active
),

orders as (
    select order_id, customer_id from facts.orders where is_purchase and order_date <= (select as_of_date from run.settings)
),

order_channels as (
    select key_hash(source, 'order', order_key) as order_id, channel from staged.orders where channel is not null
),

basket_lines as (
    select * from features.basket_lines
),

products as (
    select product_id, category from facts.products
),

cases as (
    select customer_id, opened_date from facts.cases
),

activities as (
    select * from facts.activities where is_within(activity_date, (select as_of_date from run.settings), 365)
),

invoices as (
    select * from facts.invoice_settlements where not is_settled_on_unknown_day
),

attributes as (
    select * from features.attributes
),

days as (
    select
        customer_id,
        order_date,
        order_amount,
        is_within(order_date, (select as_of_date from settings), 365) as is_of_year,
        order_count > 0 and annulled_date is null as is_purchase
    from order_days
),

gaps as (
    select
        customer_id,
        days_between(lag(order_date) over (partition by customer_id order by order_date), order_date) as gap_days
    from days
    where is_purchase
),

rhythms as (
    select
        customer_id,
        count(gap_days) as gap_count,
        sum(cast(gap_days as bigint)) as gap_sum,
        sum(cast(gap_days * gap_days as bigint)) as square_sum
    from gaps
    group by customer_id
),

ordered as (
    select
        customer_id,
        min(case when is_purchase then order_date end) as first_order_date,
        max(case when is_purchase then order_date end) as last_order_date,
        count(case when is_purchase then 1 end) as order_day_count,
        count(case when is_purchase and is_of_year then 1 end) as order_count_365_days,
        money_sum(order_amount) as total_amount,
        money_sum(case when is_of_year then order_amount else 0 end) as order_amount_365_days
    from days
    group by customer_id
),

adjusted as (
    select
        customer_id,
        ratio(sum(discount_amount), sum(gross_amount)) as discount_rate,
        ratio(sum(return_amount), sum(gross_amount)) as return_rate
    from contributions
    where is_within(document_date, (select as_of_date from settings), 365)
    group by customer_id
),

bought as (
    select
        basket_lines.customer_id,
        basket_lines.product_id,
        products.category,
        money_sum(basket_lines.line_amount) as line_amount
    from basket_lines
    inner join products
        on basket_lines.product_id = products.product_id
    group by basket_lines.customer_id, basket_lines.product_id, products.category
),

assorted as (
    select customer_id, count(*) as product_count
    from bought
    group by customer_id
),

in_categories as (
    select
        customer_id,
        category,
        money_sum(line_amount) as category_amount
    from bought
    where category is not null
    group by customer_id, category
),

placed_categories as (
    select
        customer_id,
        category,
        category_amount,
        row_number() over (partition by customer_id order by category_amount desc, category) as place
    from in_categories
),

categorised as (
    select
        customer_id,
        count(*) as category_count,
        max(case when place = 1 then category end) as main_category,
        ratio(max(category_amount), sum(category_amount)) as main_category_rate
    from placed_categories
    group by customer_id
),

ways as (
    select
        orders.customer_id,
        order_channels.channel,
        count(*) as order_count
    from orders
    inner join order_channels
        on orders.order_id = order_channels.order_id
    group by orders.customer_id, order_channels.channel
),

placed_ways as (
    select
        customer_id,
        channel,
        order_count,
        row_number() over (partition by customer_id order by order_count desc, channel) as place
    from ways
),

channelled as (
    select
        customer_id,
        max(case when place = 1 then channel end) as channel,
        ratio(max(order_count), sum(order_count)) as channel_rate
    from placed_ways
    group by customer_id
),

served as (
    select customer_id, count(*) as case_count
    from cases
    where is_within(opened_date, (select as_of_date from settings), 365)
    group by customer_id
),

noted as (
    select
        customer_id,
        source,
        activity_date,
        activity_kind,
        count(*) as note_count
    from activities
    group by customer_id, source, activity_date, activity_kind
),

days_with_contacts as (
    select
        customer_id,
        activity_date,
        activity_kind,
        max(note_count) as contact_count
    from noted
    group by customer_id, activity_date, activity_kind
),

contacted as (
    select customer_id, sum(contact_count) as contact_count
    from days_with_contacts
    group by customer_id
),

lateness as (
    select
        customer_id,
        days_between(
            due_date,
            case when settled_date <= (select as_of_date from settings) then settled_date else (select as_of_date from settings) end
        ) as late_days
    from invoices
    where invoice_date <= (select as_of_date from settings)
        and is_within(due_date, (select as_of_date from settings), 365)
),

paid as (
    select customer_id, ratio(sum(late_days), count(late_days)) as payment_late_days
    from lateness
    group by customer_id
),

subscribed as (
    select
        customer_id,
        count(*) as subscription_count,
        money_sum(monthly_amount) as monthly_amount
    from subscriptions
    group by customer_id
),

base as (
    select customer_id from valued
    union
    select customer_id from ordered where order_day_count > 0
    union
    select customer_id from subscribed
)

select
    base.customer_id,
    to_integer(days_between(ordered.last_order_date, (select as_of_date from settings))) as recency_days,
    to_integer(coalesce(ordered.order_day_count, 0)) as order_day_count,
    to_integer(coalesce(ordered.order_count_365_days, 0)) as order_count_365_days,
    coalesce(ordered.total_amount, 0) as total_amount,
    coalesce(ordered.order_amount_365_days, 0) as order_amount_365_days,
    ratio(ordered.total_amount, ordered.order_day_count) as average_order_amount,
    coalesce(valued.contribution_amount, 0) as contribution_amount,
    to_integer(days_between(
        least(coalesce(ordered.first_order_date, valued.first_order_date), coalesce(valued.first_order_date, ordered.first_order_date)),
        (select as_of_date from settings)
    )) as tenure_days,
    ratio(rhythms.gap_sum, rhythms.gap_count) as mean_gap_days,
    case
        when rhythms.gap_count > 1 and rhythms.gap_sum > 0 then sqrt(greatest(0e0, to_number(
            rhythms.gap_count * rhythms.square_sum - rhythms.gap_sum * rhythms.gap_sum
        )) / (to_number(rhythms.gap_count) * to_number(rhythms.gap_count - 1))) / ratio(rhythms.gap_sum, rhythms.gap_count)
    end as gap_variation,
    to_integer(assorted.product_count) as product_count,
    to_integer(categorised.category_count) as category_count,
    categorised.main_category,
    categorised.main_category_rate,
    adjusted.discount_rate,
    adjusted.return_rate,
    channelled.channel,
    channelled.channel_rate,
    to_integer(coalesce(contacted.contact_count, 0)) as contact_count_365_days,
    to_integer(coalesce(served.case_count, 0)) as case_count_365_days,
    paid.payment_late_days,
    to_integer(coalesce(subscribed.subscription_count, 0)) as subscription_count,
    coalesce(subscribed.monthly_amount, 0) as monthly_amount,
    attributes.customer_kind,
    attributes.country,
    attributes.city,
    attributes.industry,
    attributes.employee_count,
    attributes.acquisition_source
from base
left join ordered
    on base.customer_id = ordered.customer_id
left join valued
    on base.customer_id = valued.customer_id
left join rhythms
    on base.customer_id = rhythms.customer_id
left join adjusted
    on base.customer_id = adjusted.customer_id
left join assorted
    on base.customer_id = assorted.customer_id
left join categorised
    on base.customer_id = categorised.customer_id
left join channelled
    on base.customer_id = channelled.customer_id
left join contacted
    on base.customer_id = contacted.customer_id
left join served
    on base.customer_id = served.customer_id
left join paid
    on base.customer_id = paid.customer_id
left join subscribed
    on base.customer_id = subscribed.customer_id
left join attributes
    on base.customer_id = attributes.customer_id
