-- severity: warn
-- Ingen kurs har fler som fått ny kunskap än som svarat
-- public: month, course_code, answer_count, new_knowledge_count
select
    month,
    course_code,
    answer_count,
    new_knowledge_count
from core.training_evaluations
where new_knowledge_count > answer_count
