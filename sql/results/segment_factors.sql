-- The rows of factors.csv: how each attribute of each target's customers differs from that of all others.
-- grain: factor_place
-- measure: standardised_difference (Cohen's d), odds_ratio of one word, or cramers_v of all words of an attribute
-- word: "(not known)", in the language of the run, for customers of whom nothing is written
-- member_value: mean, or share of the word, among the target's customers; other_value among all others
-- false_discovery_rate: over all tests of all targets, by Benjamini and Hochberg; empty, like p_value, where no outcome could be a finding
with

differences as (
    select * from results.factor_differences
)

select
    to_integer(factor_place) as factor_place,
    target_title,
    attribute,
    attribute_label,
    word,
    measure,
    measure_label,
    effect,
    effect_low,
    effect_high,
    member_value,
    other_value,
    to_integer(member_count) as member_count,
    to_integer(other_count) as other_count,
    p_value,
    false_discovery_rate
from differences
