-- One row per person, course and day.
-- The topic is the course's, so that several courses may teach the same thing.
select
    participations.person_id,
    participations.course_code,
    participations.completed_date,
    cast(date_trunc('month', participations.completed_date) as date) as month,
    participations.role,
    participations.unit_id,
    courses.topic,
    participations._delivery,
    participations._row
from staging.training__participations as participations
left join seed.courses on participations.course_code = courses.course_code
