-- Prospects in each leaf of the tree of look-alikes.
-- grain: leaf
with

scores as (
    select leaf from results.likeness_scores where target_place = 0
)

select
    leaf,
    count(*) as prospect_count
from scores
group by leaf
