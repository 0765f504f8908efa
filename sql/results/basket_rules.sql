-- Rules of what goes with what, the strongest first, as `baskets` found them.
-- grain: rule_number
-- basket_count: baskets with both sides
-- lift_low: ends of the 95 % interval of the lift
-- p_value: Fisher's exact test, one-sided, which does not know that baskets differ in size
-- q_value: of the test that does; share of false rules among those at least as sure
-- margin_per_hundred: of 100 customers with the left side, what those bring who take the right side
-- open_customers: customers with the left side who never bought the right one
with

rules as (
    select * from results.basket_rule_rows
)

select
    to_integer(rule_number) as rule_number,
    antecedent,
    consequent,
    to_integer(basket_count) as basket_count,
    support,
    confidence,
    lift,
    lift_low,
    lift_high,
    leverage,
    conviction,
    p_value,
    q_value,
    is_redundant,
    is_significant,
    margin_per_hundred,
    to_integer(open_customers) as open_customers
from rules
