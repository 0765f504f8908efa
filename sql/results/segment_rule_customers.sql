-- The rows of segment-rules.csv: the first rule that fits each customer, and how many do.
-- grain: customer_id
-- rule_label: what the rule is called in the language of the run
with

rules as (
    select customer_id, rule, match_count from results.segment_rules where rule is not null
),

labels as (
    select * from results.segment_rule_labels
),

customers as (
    select * from unified.customers
)

select
    rules.customer_id,
    customers.customer_key,
    customers.customer_name,
    rules.rule,
    labels.label as rule_label,
    rules.match_count
from rules
inner join customers
    on rules.customer_id = customers.customer_id
left join labels
    on rules.rule = labels.rule
