-- One row per year, municipality, grade and sex: pupils who answered, and those who feel well.
select
    year,
    municipality_code,
    case grade when 'grade_7' then 'Årskurs 7' else 'Gymnasiet årskurs 1' end as grade_name,
    sex,
    answered_count,
    good_count
from core.pupil_health
