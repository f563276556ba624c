//! The tables of the quality chapter: what came, what was set aside, what was claimed, which units have
//! not reported, and what changed since the publication before.

use super::{Source, shown};
use crate::night::evidence::Background;
use crate::project::Project;
use tertial_model::Faults;
use tertial_outcomes::difference::Change;
use tertial_outcomes::precision;
use tertial_outcomes::reporting::SourceUnits;
use tertial_report::{DataColumn, DataKind, DataTable, QualityTable, Value as Shown};

impl Source<'_> {
    /// The tables of the quality chapter: what came, what was set aside, what was claimed.
    pub(super) fn quality(&self, background: &Background) -> Result<Vec<QualityTable>, Faults> {
        let mut tables = Vec::new();
        // A release that was made before it had these says nothing of them.
        let columns = |table: &str| self.engine.columns_of(table).unwrap_or_default();
        let has = |(table, column): &(&str, &str)| columns(table).iter().any(|one| one == column);
        for view in QUALITY.iter().filter(|view| view.needs.iter().all(has)) {
            let rows = self.ask(view.sql, &[])?;
            let column = |heading: &&str| match heading.starts_with("Rader")
                || heading.starts_with("Antal")
            {
                true => DataColumn::number(heading, heading, "", 0),
                false => DataColumn::new(heading, heading, "", 0, DataKind::Text),
            };
            tables.push(QualityTable {
                id: view.id.to_owned(),
                heading: view.heading.to_owned(),
                intro: view.intro.to_owned(),
                empty: view.empty.to_owned(),
                table: DataTable {
                    columns: view.headings.iter().map(column).collect(),
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
    /// Columns that releases of earlier programs lack; of such a release the question is not asked.
    needs: &'static [(&'static str, &'static str)],
    /// Of the columns of the question, in its order.
    headings: &'static [&'static str],
    sql: &'static str,
}

const QUALITY: [QualityView; 7] = [
    QualityView {
        id: "kvalitet-leveranser",
        heading: "Leveranser som ligger till grund för rapporten",
        intro: "Rader in är alltid godkända plus avvisade plus summarader; summarader jämförs med raderna och tas bort. Rader om personer anges i hela hundratal.",
        empty: "Inga leveranser ligger till grund för rapporten.",
        needs: &[("meta.deliveries", "concerns_persons")],
        headings: &[
            "Leverans",
            "Fil",
            "Mottagen",
            "Rader in",
            "Rader godkända",
            "Rader avvisade",
            "Rader summor",
        ],
        sql: include_str!("../../own/quality/deliveries.sql"),
    },
    QualityView {
        id: "kvalitet-avvisade",
        heading: "Avvisade rader",
        intro: "Antal rader per regel. Radernas innehåll visas inte här; det finns hos analysenheten.",
        empty: "Inga rader har avvisats.",
        needs: &[],
        headings: &["Leverans", "Tabell", "Regel", "Kolumn", "Antal rader"],
        sql: include_str!("../../own/quality/rejects.sql"),
    },
    QualityView {
        id: "kvalitet-vagrade",
        heading: "Leveranser som inte togs in, och övriga iakttagelser",
        intro: "En leverans som inte kan tas in ersätts av den senaste godkända. Regeln förklaras av tertial explain; vad som stod i filen finns hos analysenheten.",
        empty: "Alla leveranser kunde tas in utan anmärkning.",
        needs: &[],
        headings: &["Leverans", "Läge", "Regel", "Gäller", "Antal iakttagelser"],
        sql: include_str!("../../own/quality/observations.sql"),
    },
    QualityView {
        id: "kvalitet-kontroller",
        heading: "Kontroller av lagret",
        intro: "Varje påstående prövas varje natt. Ett påstående som stoppar hindrar publicering när det inte håller.",
        empty: "Inga kontroller har körts.",
        needs: &[("meta.audits", "known_count")],
        headings: &["Påstående", "Verkan", "Utfall", "Antal avvikelser", "Antal kända avvikelser"],
        sql: include_str!("../../own/quality/audits.sql"),
    },
    QualityView {
        id: "kvalitet-avvikelser",
        heading: "Avvikelserna",
        intro: "De första tjugo avvikelserna från varje påstående som inte håller, de nya först. En känd avvikelse har någon tagit ställning till, med skäl och slutdag. Upp till tvåhundra står i meta.findings i databasen; rader om personer visas aldrig.",
        empty: "Alla påståenden håller.",
        needs: &[("meta.findings", "is_known")],
        headings: &["Påstående", "Nr", "Avvikelse", "Läge"],
        sql: include_str!("../../own/quality/findings.sql"),
    },
    QualityView {
        id: "kvalitet-avstamningar",
        heading: "Avstämningar i källorna",
        intro: "Sådant som källan själv gör möjligt att kontrollera: verifikationers balans, ingående plus rörelse lika med utgående, kontrollsummor, summarader.",
        empty: "Källorna innehåller inget att stämma av.",
        needs: &[],
        headings: &["Avstämning", "Antal prövade", "Antal som inte håller"],
        sql: include_str!("../../own/quality/reconciliations.sql"),
    },
    QualityView {
        id: "kvalitet-dolda",
        heading: "Dolda utfall om personer",
        intro: "Ett utfall om personer visas inte när tio eller färre ligger bakom det, eller när det tillsammans med andra skulle röja ett sådant. Ju färre som döljs för andras skull, desto bättre.",
        empty: "Inget nyckeltal har en gräns för få personer.",
        needs: &[("meta.hidden_cells", "period_kind")],
        headings: &[
            "Nyckeltal",
            "Perioder",
            "Antal utfall",
            "Antal dolda för få personer",
            "Antal dolda för andras skull",
            "Antal dolda av hundra",
        ],
        sql: include_str!("../../own/quality/hidden.sql"),
    },
];
