-- One row per month and topic: answers after a training.
select
    month,
    topic,
    cast(sum(new_knowledge_count) as bigint) as new_knowledge_count,
    cast(sum(answer_count) as bigint) as answer_count
from core.training_evaluations
group by month, topic
