-- Records that are the same customer, each tied to the first record with the same value. Similarity matching adds its pairs here.
-- grain: left_record_id, right_record_id, key_kind
with

match_keys as (
    select * from unified.match_keys
),

firsts as (
    select
        record_id,
        key_kind,
        min(record_id) over (partition by key_kind, key_value) as first_record_id
    from match_keys
    where not is_generic
)

select distinct
    first_record_id as left_record_id,
    record_id as right_record_id,
    key_kind
from firsts
where record_id <> first_record_id
