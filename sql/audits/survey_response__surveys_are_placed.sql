-- severity: warn
-- Varje levererad enkät står i listan som säger vilka tertial den gäller
select distinct survey_response.month
from core.survey_response
left join seed.surveys
    on survey_response.month = cast(surveys.survey_month || '-01' as date)
where surveys.survey_month is null
