-- severity: warn
-- Ett mål som är helt uppnått har inga aktiviteter kvar att genomföra
-- public: plan, goal_number, period, activity_count, done_count
select
    plan,
    goal_number,
    period,
    activity_count,
    done_count
from core.goal_followups
where status = 0 and done_count < activity_count
