-- One row per course and month.
-- Counts of answers after the course.
select
    month,
    course_code,
    answer_count,
    new_knowledge_count,
    _delivery,
    _row
from raw.training__evaluations
