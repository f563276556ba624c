-- One row per course and month.
-- Answers after the course.
select
    evaluations.month,
    evaluations.course_code,
    courses.topic,
    evaluations.answer_count,
    evaluations.new_knowledge_count,
    evaluations._delivery,
    evaluations._row
from staging.training__evaluations as evaluations
left join seed.courses on evaluations.course_code = courses.course_code
