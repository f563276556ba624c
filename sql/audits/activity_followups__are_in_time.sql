-- severity: warn
-- En aktivitet vars slutdag har passerat är genomförd eller avbruten
-- public: plan, activity_number, period, end_date, state
select
    plan,
    activity_number,
    period,
    end_date,
    state
from core.activity_followups
where is_late
