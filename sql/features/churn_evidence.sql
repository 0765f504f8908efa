-- What the exports hold that may say why a customer left, from 90 days before the last sign of life until the loss was certain.
-- grain: customer_id, evidence
-- check: evidence_count >= 1
-- evidence: cancellation_reason, closed, chargeback, complaints, unanswered_case, late_delivery, low_satisfaction, price_case, price_concession, lost_deal or unpaid_invoices
-- churn_type: the type of leaving that it speaks for
-- evidence_date: of the last
-- weight: how much it speaks for it, summed: a reason given or a customer closed 100, a chargeback 50, a case about prices or a lost deal 3, a complaint or a concession 2, a delivery, an unanswered case or an invoice unpaid for 90 days 1, a poor answer to a survey (of the lowest fifth) 0.5
with

settings as (
    select * from run.settings
),

lost as (
    select
        customer_id,
        days_before(lost_date, 90) as first_date,
        least(certain_date, (select as_of_date from settings)) as last_date
    from features.churn_losses
),

lineage as (
    select * from unified.lineage where record_kind = 'customer'
),

cancellations as (
    select * from facts.cancellations where reason_type <> 'unknown'
),

cases as (
    select * from facts.cases
),

surveys as (
    select * from facts.surveys
),

opportunities as (
    select * from facts.opportunities where is_lost
),

invoices as (
    select *
    from facts.invoice_settlements
    where settled_date is null
        and not is_settled_on_unknown_day
),

orders as (
    select customer_id, refund_date from facts.orders where refund_amount > 0
),

chargebacks as (
    select source, customer_key, day_of(paid_at) as payment_date
    from staged.payments
    where lower(payment_kind) in ('chargeback', 'dispute')
        or lower(status) in ('chargeback', 'disputed', 'charged_back', 'fraud')
),

poor as (
    select survey_kind, quantile_at(score, 0.2e0) as low_score, max(score) as best_score
    from surveys
    group by survey_kind
),

events as (
    select customer_id, 'cancellation_reason' as evidence, reason_type as churn_type, cancelled_date as evidence_date, 100e0 as weight
    from cancellations
    where cancelled_date is not null
    union all
    select lost.customer_id, 'closed' as evidence, 'natural' as churn_type, lost.last_date as evidence_date, 100e0 as weight
    from cancellations
    inner join lost
        on cancellations.customer_id = lost.customer_id
    where cancellations.cancelled_date is null
    union all
    select lineage.customer_id, 'chargeback' as evidence, 'malicious' as churn_type, chargebacks.payment_date as evidence_date, 50e0 as weight
    from chargebacks
    inner join lineage
        on chargebacks.source = lineage.source
        and chargebacks.customer_key = lineage.record_key
    union all
    select customer_id, 'complaints' as evidence, 'fault' as churn_type, opened_date as evidence_date, 2e0 as weight
    from cases
    where is_complaint
        and case_class <> 'price'
    union all
    select customer_id, 'late_delivery' as evidence, 'fault' as churn_type, opened_date as evidence_date, 1e0 as weight
    from cases
    where case_class = 'delivery'
        and not is_complaint
    union all
    select customer_id, 'unanswered_case' as evidence, 'fault' as churn_type, opened_date as evidence_date, 1e0 as weight
    from cases
    where hours_between(opened_at, coalesce(first_response_at, closed_at)) > 168
        and case_class <> 'price'
    union all
    select surveys.customer_id, 'low_satisfaction' as evidence, 'fault' as churn_type, surveys.surveyed_date as evidence_date, 0.5e0 as weight
    from surveys
    inner join poor
        on surveys.survey_kind = poor.survey_kind
    where surveys.score <= poor.low_score
        and surveys.score < poor.best_score
    union all
    select customer_id, 'price_case' as evidence, 'price' as churn_type, opened_date as evidence_date, 3e0 as weight
    from cases
    where case_class = 'price'
    union all
    select customer_id, 'price_concession' as evidence, 'price' as churn_type, refund_date as evidence_date, 2e0 as weight
    from orders
    union all
    select customer_id, 'lost_deal' as evidence, 'competitive' as churn_type, closed_date as evidence_date, 3e0 as weight
    from opportunities
    union all
    select customer_id, 'unpaid_invoices' as evidence, 'malicious' as churn_type, due_date as evidence_date, 1e0 as weight
    from invoices
    where is_written_off
        or days_between(due_date, (select as_of_date from settings)) > 90
)

select
    events.customer_id,
    events.evidence,
    events.churn_type,
    to_integer(count(*)) as evidence_count,
    max(events.evidence_date) as evidence_date,
    sum(to_exact(events.weight)) as weight
from events
inner join lost
    on events.customer_id = lost.customer_id
    and events.evidence_date between lost.first_date and lost.last_date
group by events.customer_id, events.evidence, events.churn_type
