-- What customers buy after what, the strongest first, as `baskets` found it.
-- grain: sequence_number
-- start_count: days on which a customer bought the first item, with a whole window behind them
-- follow_count: those of them that the second item followed
-- base_rate: share of all days of purchase that the second item followed
-- p_value: by the days of the same customers
with

sequences as (
    select * from results.basket_sequence_rows
)

select
    to_integer(sequence_number) as sequence_number,
    first_item,
    second_item,
    to_integer(start_count) as start_count,
    to_integer(follow_count) as follow_count,
    follow_rate,
    base_rate,
    lift,
    delay_low_days,
    delay_median_days,
    delay_high_days,
    p_value,
    q_value,
    is_significant
from sequences
