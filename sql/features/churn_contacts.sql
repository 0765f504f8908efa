-- Who had spoken with each customer and when, and what deals there were, as known on each snapshot of churn.
-- grain: customer_id, snapshot_date
-- contact_count_90_days: calls, meetings, mails and the like of the last 90 days, whoever made them
-- customer_contact_count: those of the last 365 days that the customer made
-- contact_silent_days: since the last contact
-- last_contact_by: us or customer
-- lost_deal_count: deals lost in the last 365 days; open deals are those not yet decided
with

snapshots as (
    select * from features.churn_snapshots
),

activities as (
    select * from facts.activities
),

opportunities as (
    select * from facts.opportunities
),

known as (
    select
        activities.customer_id,
        snapshots.snapshot_date,
        activities.activity_date,
        activities.made_by,
        row_number() over (
            partition by activities.customer_id, snapshots.snapshot_date
            order by activities.activity_at desc, activities.activity_id
        ) as place_from_last
    from activities
    inner join snapshots
        on activities.activity_date <= snapshots.snapshot_date
        and place_by_hash(activities.customer_id) < snapshots.sampled_places
),

contacted as (
    select
        customer_id,
        snapshot_date,
        count(case when is_within(activity_date, snapshot_date, 90) then 1 end) as contact_count_90_days,
        count(case when is_within(activity_date, snapshot_date, 365) then 1 end) as contact_count_365_days,
        count(case when made_by = 'customer' and is_within(activity_date, snapshot_date, 365) then 1 end) as customer_contact_count,
        max(activity_date) as last_contact_date,
        max(case when place_from_last = 1 then made_by end) as last_contact_by
    from known
    group by customer_id, snapshot_date
),

dealt as (
    select
        opportunities.customer_id,
        snapshots.snapshot_date,
        count(case when coalesce(opportunities.closed_date > snapshots.snapshot_date, 1 = 1) then 1 end) as open_deal_count,
        count(case when opportunities.is_lost and is_within(opportunities.closed_date, snapshots.snapshot_date, 365) then 1 end) as lost_deal_count
    from opportunities
    inner join snapshots
        on opportunities.created_date <= snapshots.snapshot_date
        and place_by_hash(opportunities.customer_id) < snapshots.sampled_places
    group by opportunities.customer_id, snapshots.snapshot_date
)

select
    coalesce(contacted.customer_id, dealt.customer_id) as customer_id,
    coalesce(contacted.snapshot_date, dealt.snapshot_date) as snapshot_date,
    to_integer(coalesce(contacted.contact_count_90_days, 0)) as contact_count_90_days,
    to_integer(coalesce(contacted.contact_count_365_days, 0)) as contact_count_365_days,
    to_integer(coalesce(contacted.customer_contact_count, 0)) as customer_contact_count,
    to_integer(days_between(contacted.last_contact_date, coalesce(contacted.snapshot_date, dealt.snapshot_date))) as contact_silent_days,
    contacted.last_contact_by,
    to_integer(coalesce(dealt.open_deal_count, 0)) as open_deal_count,
    to_integer(coalesce(dealt.lost_deal_count, 0)) as lost_deal_count
from contacted
full outer join dealt
    on contacted.customer_id = dealt.customer_id
    and contacted.snapshot_date = dealt.snapshot_date
