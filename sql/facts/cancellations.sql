-- Why subscriptions were cancelled and which customers are closed, in the words of the exports put into a few.
-- grain: customer_id, cancelled_date, reason_type
-- reason_type: fault, price, competitive, natural, malicious or unknown
-- cancelled_date: may lie after the as-of date; empty where a customer is closed on no known day
with

lineage as (
    select * from unified.lineage
),

reasons as (
    select
        source,
        'customer' as record_kind,
        customer_key as record_key,
        cancelled_at as cancelled_date,
        lower(cancellation_reason) as reason
    from staged.subscriptions
    where cancellation_reason is not null
    union all
    select
        source,
        'customer' as record_kind,
        customer_key as record_key,
        empty_date() as cancelled_date,
        lower(status) as reason
    from staged.customers
    where lower(status) in ('closed', 'out_of_business', 'bankrupt', 'deceased', 'moved', '注销', '倒闭', '停业')
),

classed as (
    select
        source,
        record_kind,
        record_key,
        cancelled_date,
        case
            when reason like '%fraud%' or reason like '%欺诈%' or reason like '%dispute%' or reason like '%chargeback%' or reason like '%欠款%' then 'malicious'
            when reason like '%expensive%' or reason like '%pric%' or reason like '%budget%' or reason like '%价%' or reason like '%预算%'
                then 'price'
            when reason like '%switch%' or reason like '%competitor%' or reason like '%missing_feature%' or reason like '%竞争%'
                then 'competitive'
            when reason like '%service%' or reason like '%quality%' or reason like '%complex%' or reason like '%complain%'
                or reason like '%质量%' or reason like '%服务%' or reason like '%投诉%' then 'fault'
            when reason like '%unused%' or reason like '%need%' or reason like '%closed%' or reason like '%business%'
                or reason like '%bankrupt%' or reason like '%deceased%' or reason like '%moved%' or reason like '%不需要%'
                or reason in ('注销', '倒闭', '停业') then 'natural'
            else 'unknown'
        end as reason_type
    from reasons
)

select distinct
    lineage.customer_id,
    classed.cancelled_date,
    classed.reason_type
from classed
inner join lineage
    on classed.source = lineage.source
    and classed.record_kind = lineage.record_kind
    and classed.record_key = lineage.record_key
