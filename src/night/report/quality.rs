//! The tables of the quality chapter: what came, what was set aside, what was claimed, which units have
//! not reported, and what changed since the publication before.

use super::{Source, shown};
use crate::night::evidence::Background;
use crate::project::Project;
use tertial_model::Diagnostic;
use tertial_outcomes::difference::Change;
use tertial_outcomes::precision;
use tertial_outcomes::reporting::SourceUnits;
use tertial_report::{DataColumn, DataKind, DataTable, QualityTable, Value as Shown};

impl Source<'_> {
    /// The tables of the quality chapter: what came, what was set aside, what was claimed.
    pub(super) fn quality(
        &self,
        background: &Background,
    ) -> Result<Vec<QualityTable>, Vec<Diagnostic>> {
        let mut tables = Vec::new();
        // A release that was made before it had these says nothing of them.
        let columns = |table: &str| self.engine.columns_of(table).unwrap_or_default();
        let has_price = !columns("meta.hidden_cells").is_empty();
        let has_classes = columns("meta.deliveries").iter().any(|one| one == "concerns_persons");
        for view in QUALITY {
            if view.id == HIDDEN && !has_price {
                continue;
            }
            let sql = match has_classes {
                true => view.sql.to_owned(),
                false => view.sql.replace("concerns_persons", "false"),
            };
            let rows = self.ask(&sql, &[])?;
            let column = |(name, _): &(String, String)| {
                let number = name.starts_with("Rader") || name.starts_with("Antal");
                if number {
                    DataColumn::number(name, name, "", 0)
                } else {
                    DataColumn::new(name, name, "", 0, DataKind::Text)
                }
            };
            tables.push(QualityTable {
                id: view.id.to_owned(),
                heading: view.heading.to_owned(),
                intro: view.intro.to_owned(),
                empty: view.empty.to_owned(),
                table: DataTable {
                    columns: rows.columns.iter().map(column).collect(),
                    rows: rows
                        .rows
                        .into_iter()
                        .map(|row| row.into_iter().map(shown).collect())
                        .collect(),
                    source: String::new(),
                },
            });
        }
        tables.push(units(background.reported()));
        tables.push(changes(self.project, background));
        Ok(tables)
    }
}

/// Which units have reported to each source that expects it.
fn units(sources: &[SourceUnits]) -> QualityTable {
    let row = |source: &SourceUnits| {
        let missing: Vec<String> = source
            .lacking
            .iter()
            .map(|lacking| format!("{} ({})", lacking.unit.name, lacking.months.join(", ")))
            .collect();
        vec![
            Shown::text(source.table.as_str()),
            Shown::Integer(source.complete.len() as i64),
            Shown::Integer(source.expected() as i64),
            Shown::text(if missing.is_empty() { "ingen".to_owned() } else { missing.join("; ") }),
        ]
    };
    QualityTable {
        id: "kvalitet-enheter".to_owned(),
        heading: "Enheter som har rapporterat".to_owned(),
        intro: "En enhet väntas rapportera när den har gjort det någon av de tolv månaderna före."
            .to_owned(),
        empty: "Ingen källa rapporteras enhet för enhet.".to_owned(),
        table: DataTable {
            columns: vec![
                DataColumn::text("table_name", "Källtabell"),
                DataColumn::number("reported", "Enheter som rapporterat alla månader", "", 0),
                DataColumn::number("expected", "Enheter som väntades", "", 0),
                DataColumn::text("lacking", "Enheter som saknas"),
            ],
            rows: sources.iter().map(row).collect(),
            source: String::new(),
        },
    }
}

/// The figures that are not what they were in the publication before.
fn changes(project: &Project, background: &Background) -> QualityTable {
    let (since, changes) = background.changes();
    let row = |change: &Change| {
        let reasons = precision::reasons(project.definitions.get(&change.id), change);
        vec![
            Shown::text(change.subject()),
            Shown::text(change.before_in_words()),
            Shown::text(change.after_in_words()),
            Shown::text(reasons.join("; ")),
        ]
    };
    let day = since.unwrap_or_default();
    QualityTable {
        id: "kvalitet-andringar".to_owned(),
        heading: "Ändrat sedan förra publiceringen".to_owned(),
        intro: match since {
            Some(_) => format!("Jämfört med publiceringen den {day}, periodens utfall."),
            None => String::new(),
        },
        empty: match since {
            Some(_) => "Inget utfall för perioden har ändrats.".to_owned(),
            None => {
                "Detta är den första publiceringen; det finns inget att jämföra med.".to_owned()
            }
        },
        table: DataTable {
            columns: vec![
                DataColumn::text("subject", "Utfall"),
                DataColumn::text("before", "Förut"),
                DataColumn::text("after", "Nu"),
                DataColumn::text("reasons", "Skäl"),
            ],
            rows: changes.iter().map(row).collect(),
            source: String::new(),
        },
    }
}

/// A question of the quality chapter.
struct QualityView {
    id: &'static str,
    heading: &'static str,
    intro: &'static str,
    empty: &'static str,
    sql: &'static str,
}

/// The table of what the disclosure control hides.
const HIDDEN: &str = "kvalitet-dolda";

const QUALITY: [QualityView; 7] = [
    QualityView {
        id: "kvalitet-leveranser",
        heading: "Leveranser som ligger till grund för rapporten",
        intro: "Rader in är alltid godkända plus avvisade plus summarader; summarader jämförs med raderna och tas bort. Rader om personer anges i hela hundratal.",
        empty: "Inga leveranser ligger till grund för rapporten.",
        sql: "select delivery_id as \"Leverans\", replace(pattern, '{period}', coalesce(period, '{period}')) as \"Fil\", left(received_at, 10) as \"Mottagen\", \
              case when concerns_persons then cast(round(rows_read, -2) as bigint) else rows_read end as \"Rader in\", \
              case when concerns_persons then cast(round(rows_accepted, -2) as bigint) else rows_accepted end \
              as \"Rader godkända\", rows_rejected as \"Rader avvisade\", \
              rows_sum as \"Rader summor\" from meta.deliveries where is_in_force order by source, \"Fil\", delivery_id",
    },
    QualityView {
        id: "kvalitet-avvisade",
        heading: "Avvisade rader",
        intro: "Antal rader per regel. Radernas innehåll visas inte här; det finns hos analysenheten.",
        empty: "Inga rader har avvisats.",
        sql: "select delivery_id as \"Leverans\", table_name as \"Tabell\", code as \"Regel\", \
              coalesce(column_name, '') as \"Kolumn\", row_count as \"Antal rader\" \
              from meta.rejects_by_rule order by all",
    },
    QualityView {
        id: "kvalitet-vagrade",
        heading: "Leveranser som inte togs in, och övriga iakttagelser",
        intro: "En leverans som inte kan tas in ersätts av den senaste godkända. Regeln förklaras av tertial explain; vad som stod i filen finns hos analysenheten.",
        empty: "Alla leveranser kunde tas in utan anmärkning.",
        sql: "select d.delivery_id as \"Leverans\", case d.state when 'refused' then 'inte intagen' else 'intagen' end as \"Läge\", \
              g.code as \"Regel\", case left(g.code, 3) \
              when 'T01' then 'filens form eller rubriker' when 'T02' then 'en cell' \
              when 'T03' then 'en rad' when 'T04' then 'leveransen som helhet' \
              when 'T05' then 'det som är avtalat om filen' else 'hanteringen av filen' end as \"Gäller\", \
              count(*) as \"Antal iakttagelser\" \
              from meta.diagnostics g join meta.deliveries d using (delivery_id) \
              where g.severity <> 'note' and (d.is_in_force or d.state = 'refused') group by all order by all",
    },
    QualityView {
        id: "kvalitet-kontroller",
        heading: "Kontroller av lagret",
        intro: "Varje påstående prövas varje natt. Ett påstående som stoppar hindrar publicering när det inte håller.",
        empty: "Inga kontroller har körts.",
        sql: "select claim as \"Påstående\", case severity when 'stop' then 'stoppar' else 'varnar' end as \"Verkan\", \
              case when holds then 'håller' else 'håller inte' end as \"Utfall\", offender_count as \"Antal avvikelser\", \
              known_count as \"Antal kända avvikelser\" \
              from meta.audits order by holds, severity, claim",
    },
    QualityView {
        id: "kvalitet-avvikelser",
        heading: "Avvikelserna",
        intro: "De första tjugo avvikelserna från varje påstående som inte håller. Upp till tvåhundra står i meta.findings i databasen; rader om personer visas aldrig.",
        empty: "Alla påståenden håller.",
        sql: "select claim as \"Påstående\", number as \"Nr\", finding as \"Avvikelse\", \
              case when is_known then 'känd, ' || acknowledged_by || ', till ' || cast(expires_on as varchar) \
              || ': ' || known_reason else 'ny' end as \"Läge\" \
              from meta.findings join meta.audits using (audit) where number <= 20 \
              order by severity, is_known, claim, number",
    },
    QualityView {
        id: "kvalitet-avstamningar",
        heading: "Avstämningar i källorna",
        intro: "Sådant som källan själv gör möjligt att kontrollera: verifikationers balans, ingående plus rörelse lika med utgående, kontrollsummor, summarader.",
        empty: "Källorna innehåller inget att stämma av.",
        sql: "select case claim when 'checksum' then 'Kontrollsumma' \
              when 'voucher_balance' then 'Verifikationer i balans' \
              when 'entries_is_result' then 'Poster lika med resultat' \
              when 'opening_plus_entries_is_closing' then 'Ingående plus poster lika med utgående' \
              when 'sum_row' then 'Summarad lika med raderna' else claim end as \"Avstämning\", count(*) as \"Antal prövade\", \
              count(*) filter (where not holds) as \"Antal som inte håller\" \
              from meta.reconciliations join meta.deliveries using (delivery_id) where is_in_force \
              group by claim order by claim",
    },
    QualityView {
        id: HIDDEN,
        heading: "Dolda utfall om personer",
        intro: "Ett utfall om personer visas inte när tio eller färre ligger bakom det, eller när det tillsammans med andra skulle röja ett sådant. Ju färre som döljs för andras skull, desto bättre.",
        empty: "Inget nyckeltal har en gräns för få personer.",
        sql: "select i.name as \"Nyckeltal\", case h.period_kind when 'month' then 'månader' \
              when 'tertial' then 'tertial' else 'år' end as \"Perioder\", h.cell_count as \"Antal utfall\", \
              h.hidden_for_few_persons_count as \"Antal dolda för få personer\", \
              h.hidden_for_others_count as \"Antal dolda för andras skull\", \
              cast(round(100.0 * (h.hidden_for_few_persons_count + h.hidden_for_others_count) \
              / h.cell_count, 0) as bigint) as \"Antal dolda av hundra\" \
              from meta.hidden_cells h join meta.indicators i using (indicator_id) order by i.name, h.period_kind",
    },
];
