-- One row per tertial, comparison with budget or the year before, and row that is compared: a
-- unit, a part of an area's result, or a line of the board's result.
-- How much of each deviation the causes explain that the report names for it, and what is left. An
-- area whose report names no cause for the whole of it has the causes of its departments. Units are
-- those of the organisation in force when the period ended. Deviations are computed, causes are as
-- published; amounts in thousands of kronor, positive is better.
with

settings as (
    select
        max(value) filter (where setting = 'explain_from_tkr') as limit_tkr,
        max(value) filter (where setting = 'explained_min_pct') as min_pct,
        max(value) filter (where setting = 'explained_max_pct') as max_pct
    from core.method_settings
    where valid_to is null
),

causes as (
    select
        report_period,
        cause_id,
        unit_id,
        part,
        compared_with,
        result_line_code,
        effect_tkr,
        words
    from core.unit_causes
    where compared_with in ('budget', 'previous_year')
),

-- The board's units down to the departments, in the organisation in force when the period ended:
-- that is what the causes speak of.
places as (
    select
        period_organisations.period_id,
        organisation_ancestors.organisation_id,
        organisation_ancestors.unit_id,
        organisation_ancestors.distance,
        organisation_contents.unit_name,
        organisation_contents.level,
        organisation_contents.sort_order
    from core.period_organisations
    inner join core.organisation_ancestors
        on period_organisations.organisation_id = organisation_ancestors.organisation_id
    inner join core.organisation_contents
        on
            organisation_ancestors.organisation_id = organisation_contents.organisation_id
            and organisation_ancestors.unit_id = organisation_contents.unit_id
    where organisation_ancestors.ancestor_unit_id = 'RS' and organisation_ancestors.distance <= 2
),

areas as (
    select
        period_id,
        organisation_id,
        unit_id,
        unit_name,
        sort_order
    from places
    where distance = 1
),

-- Each department under its area, and each area and the board as they are.
departments as (
    select
        places.period_id,
        places.unit_id,
        places.unit_name,
        areas.unit_id as area_unit_id,
        areas.sort_order * 1000 + places.sort_order % 1000 as sort_order,
        'body' as row_kind,
        case when places.level = 'department' then places.unit_id || ' ' else '' end
        || places.unit_name as row_name
    from places
    inner join core.organisation_ancestors
        on
            places.organisation_id = organisation_ancestors.organisation_id
            and places.unit_id = organisation_ancestors.unit_id
            and organisation_ancestors.distance = 1
    inner join areas
        on
            places.period_id = areas.period_id
            and organisation_ancestors.ancestor_unit_id = areas.unit_id
    where places.distance = 2
    union all
    select
        period_id,
        unit_id,
        unit_name,
        unit_id as area_unit_id,
        sort_order * 1000 + 999 as sort_order,
        'subtotal' as row_kind,
        'Totalt ' || unit_name as row_name
    from areas
    union all
    select
        period_id,
        unit_id,
        unit_name,
        null as area_unit_id,
        1000000000 as sort_order,
        'sum' as row_kind,
        'Totalt ' || unit_name as row_name
    from places
    where distance = 0
),

ledger as (
    select
        ledger_tertials.period,
        organisation_ancestors.ancestor_unit_id as unit_id,
        ledger_tertials.result_line_code,
        sum(ledger_tertials.outcome_sek) as outcome_sek,
        sum(ledger_tertials.budget_sek) as budget_sek,
        sum(ledger_tertials.previous_sek) as previous_sek
    from core.ledger_tertials
    inner join core.period_organisations
        on ledger_tertials.period = period_organisations.period_id
    inner join core.organisation_ancestors
        on
            period_organisations.organisation_id = organisation_ancestors.organisation_id
            and ledger_tertials.unit_id = organisation_ancestors.unit_id
    group by all
),

unit_rows as (
    select
        departments.period_id,
        departments.unit_id,
        departments.sort_order,
        departments.row_kind,
        departments.row_name,
        sum(ledger.outcome_sek) as outcome_sek,
        sum(ledger.budget_sek) as budget_sek
    from departments
    inner join ledger
        on
            departments.period_id = ledger.period
            and departments.unit_id = ledger.unit_id
    where ledger.budget_sek is not null
    group by all
),

-- The areas in the parts that a text tells of.
parts as (
    select
        ledger.period,
        areas.unit_id,
        areas.unit_name,
        areas.sort_order,
        case
            when result_lines.line_type = 'income' then 'income'
            when result_lines.result_line_code = 'personalkostnader' then 'staff'
            else 'other_cost'
        end as part,
        sum(ledger.outcome_sek) as outcome_sek,
        sum(ledger.previous_sek) as previous_sek
    from ledger
    inner join core.result_lines
        on ledger.result_line_code = result_lines.result_line_code
    inner join areas
        on
            ledger.period = areas.period_id
            and ledger.unit_id = areas.unit_id
    where ledger.previous_sek is not null
    group by all
),

part_rows as (
    select
        period,
        sort_order * 10
        + case part when 'income' then 1 when 'staff' then 2 else 3 end as sort_order,
        'body' as row_kind,
        unit_id || '-' || part as row_id,
        unit_name
        || case part
            when 'income' then ': intäkter'
            when 'staff' then ': personalkostnader'
            else ': övriga kostnader'
        end as row_name,
        outcome_sek,
        previous_sek
    from parts
    union all
    select
        period,
        sort_order * 10 + 9 as sort_order,
        'subtotal' as row_kind,
        unit_id as row_id,
        'Totalt ' || unit_name as row_name,
        sum(outcome_sek) as outcome_sek,
        sum(previous_sek) as previous_sek
    from parts
    group by period, unit_id, unit_name, sort_order
    union all
    select
        period,
        1000000 as sort_order,
        'sum' as row_kind,
        'RS' as row_id,
        'Totalt' as row_name,
        sum(outcome_sek) as outcome_sek,
        sum(previous_sek) as previous_sek
    from parts
    group by period
),

deviations as (
    select
        period_id as report_period,
        'budget' as compared_with,
        'unit' as row_of,
        sort_order,
        row_kind,
        unit_id as row_id,
        row_name,
        cast(outcome_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as outcome_tkr,
        cast(budget_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as compared_tkr
    from unit_rows
    union all
    select
        period as report_period,
        'previous_year' as compared_with,
        'part' as row_of,
        sort_order,
        row_kind,
        row_id,
        row_name,
        cast(outcome_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as outcome_tkr,
        cast(previous_sek as decimal(18, 2)) * cast(0.001 as decimal(4, 3)) as compared_tkr
    from part_rows
    union all
    select
        report_period,
        'budget' as compared_with,
        'line' as row_of,
        sort_order,
        row_kind,
        result_line_code as row_id,
        result_line_name as row_name,
        outcome_tkr,
        budget_tkr as compared_tkr
    from mart.ekonomi
    where row_kind = 'body' and difference_tkr is not null
    union all
    select
        report_period,
        'previous_year' as compared_with,
        'line' as row_of,
        sort_order,
        row_kind,
        result_line_code as row_id,
        result_line_name as row_name,
        outcome_tkr,
        previous_tkr as compared_tkr
    from mart.ekonomi
    where row_kind = 'body' and change_tkr is not null
),

-- The causes of an area: its own, or else those of its departments.
area_causes as (
    select
        causes.report_period,
        causes.cause_id,
        causes.compared_with,
        areas.unit_id,
        causes.effect_tkr,
        -- What is told at a part is not told again at the whole.
        case when causes.compared_with = 'budget' or causes.part is null then causes.words end
            as words
    from causes
    inner join areas
        on
            causes.report_period = areas.period_id
            and causes.unit_id = areas.unit_id
    union all
    select
        causes.report_period,
        causes.cause_id,
        causes.compared_with,
        departments.area_unit_id as unit_id,
        causes.effect_tkr,
        departments.unit_name || ': ' || causes.words as words
    from causes
    inner join departments
        on
            causes.report_period = departments.period_id
            and causes.unit_id = departments.unit_id
            and departments.row_kind = 'body'
    left join causes as own
        on
            departments.area_unit_id = own.unit_id
            and causes.report_period = own.report_period
            and causes.compared_with = own.compared_with
    where own.cause_id is null
),

-- Each cause at every row where it counts.
placed as (
    select
        report_period,
        compared_with,
        case when compared_with = 'previous_year' then 'part' else 'unit' end as row_of,
        unit_id as row_id,
        cause_id,
        effect_tkr,
        words
    from area_causes
    union all
    select
        report_period,
        compared_with,
        case when compared_with = 'previous_year' then 'part' else 'unit' end as row_of,
        'RS' as row_id,
        cause_id,
        effect_tkr,
        null as words
    from area_causes
    union all
    select
        causes.report_period,
        causes.compared_with,
        'unit' as row_of,
        causes.unit_id as row_id,
        causes.cause_id,
        causes.effect_tkr,
        causes.words
    from causes
    left join areas
        on
            causes.report_period = areas.period_id
            and causes.unit_id = areas.unit_id
    where areas.unit_id is null
    union all
    select
        report_period,
        compared_with,
        'part' as row_of,
        unit_id || '-' || part as row_id,
        cause_id,
        effect_tkr,
        words
    from causes
    where compared_with = 'previous_year' and part is not null
    union all
    select
        report_period,
        compared_with,
        'line' as row_of,
        result_line_code as row_id,
        cause_id,
        effect_tkr,
        words
    from causes
    where result_line_code is not null
),

counted as (
    select
        report_period,
        compared_with,
        row_of,
        row_id,
        count(*) as cause_count,
        count(effect_tkr) as amount_count,
        sum(effect_tkr) as explained_tkr,
        string_agg(words, '; ' order by cause_id asc) as causes
    from placed
    group by all
),

compared as (
    select
        deviations.report_period,
        deviations.compared_with,
        deviations.row_of,
        deviations.row_id,
        deviations.sort_order,
        deviations.row_kind,
        deviations.row_name,
        deviations.outcome_tkr,
        deviations.compared_tkr,
        deviations.outcome_tkr - deviations.compared_tkr as deviation_tkr,
        counted.explained_tkr,
        coalesce(counted.cause_count, 0) as cause_count,
        coalesce(counted.amount_count, 0) as amount_count,
        counted.causes
    from deviations
    left join counted
        on
            deviations.report_period = counted.report_period
            and deviations.compared_with = counted.compared_with
            and deviations.row_of = counted.row_of
            and deviations.row_id = counted.row_id
),

judged as (
    select
        compared.*,
        abs(compared.deviation_tkr) >= settings.limit_tkr as is_large,
        compared.explained_tkr / nullif(compared.deviation_tkr, 0) * 100 as explained_pct,
        settings.min_pct,
        settings.max_pct
    from compared
    cross join settings
),

final as (
    select
        report_period,
        compared_with,
        row_of,
        row_id,
        cast(sort_order as bigint) as sort_order,
        row_kind,
        row_name,
        cast(outcome_tkr as decimal(18, 5)) as outcome_tkr,
        cast(compared_tkr as decimal(18, 5)) as compared_tkr,
        cast(deviation_tkr as decimal(18, 5)) as deviation_tkr,
        is_large,
        cast(explained_tkr as decimal(18, 5)) as explained_tkr,
        cast(deviation_tkr - coalesce(explained_tkr, 0) as decimal(18, 5)) as unexplained_tkr,
        -- A share of next to nothing says nothing.
        cast(case when is_large then explained_pct end as decimal(18, 6)) as explained_pct,
        case
            when not is_large then 'under gränsen'
            when cause_count = 0 then 'orsak saknas'
            when amount_count = 0 then 'orsak utan belopp'
            when explained_pct < 0 then 'orsakerna går åt andra hållet'
            when explained_pct < min_pct then 'delvis förklarad'
            when explained_pct > max_pct then 'orsakerna är större än avvikelsen'
            else 'förklarad'
        end as explanation,
        case
            when causes is not null then causes
            when cause_count > 0 then 'Orsakerna står vid delarna.'
            else 'Ingen orsak är lämnad.'
        end as causes
    from judged
)

select * from final
order by report_period asc nulls last, sort_order asc nulls last
