//! A made-up region's report data: every kind of block, value and status once at least.

use std::collections::BTreeMap;
use tertial_model::{
    Answer, Completeness, Decimal, Missing, Month, Outcome, Period, Question, Sex, Signal,
    SignalPoint, Status, TargetView,
};
use tertial_report::document::{Document, Mark};
use tertial_report::{
    Comment, DataColumn, DataKind, DataTable, GoalArea, IndicatorText, PlanEntry, QualityTable,
    ReportData, Value, compose, parse_spec,
};

/// The specification of the sample.
pub const SPEC: &str = include_str!("report.toml");

/// The composed sample.
pub fn document() -> Document {
    let spec = parse_spec("report.toml", SPEC).expect("the sample's specification is sound");
    compose(&spec, &data()).expect("the sample is sound")
}

/// The sample's data.
pub fn data() -> ReportData {
    ReportData {
        region: "Region Exempel".into(),
        period: Period::parse("2024T2").expect("a period"),
        edition: 1,
        as_of: "2024-09-16".into(),
        synthetic: true,
        release_id: "2024-09-16T0310-4f1c".into(),
        program_version: "0.1.0".into(),
        known_faults: Vec::new(),
        tables: BTreeMap::from([
            ("resultat".to_owned(), result()),
            ("enheter".to_owned(), units()),
            ("franvaro".to_owned(), absence()),
            ("timmar".to_owned(), hours()),
            ("resande".to_owned(), travel()),
            ("anstallda".to_owned(), employees()),
            ("uppdrag".to_owned(), assignments()),
        ]),
        outcomes: outcomes(),
        signals: signals(),
        signal_points: signal_points(),
        evidence: Vec::new(),
        table_texts: BTreeMap::new(),
        units: Vec::new(),
        note: None,
        indicators: indicators(),
        goal_areas: vec![
            GoalArea { code: "PERSONAL".into(), name: "Ändamålsenlig kompetens".into(), sort: 1 },
            GoalArea {
                code: "LEDNING".into(),
                name: "Ledning, styrning och miljö".into(),
                sort: 2,
            },
        ],
        plan: [
            ("PERSONAL", "hr__absence_pct", "RS", 1),
            ("PERSONAL", "hr__index", "RS", 2),
            ("PERSONAL", "it__security_pct", "RJH", 3),
            ("LEDNING", "economy__growth_pct", "RJH", 1),
            ("LEDNING", "economy__equity_pct", "RJH", 2),
            ("LEDNING", "climate__energy_kwh_per_m2", "RJH", 3),
        ]
        .map(|(goal_area, indicator, level, sort)| PlanEntry {
            goal_area: goal_area.into(),
            indicator: indicator.into(),
            level: level.into(),
            sort,
            decided_by: "RS".into(),
        })
        .into(),
        comments: comments(),
        levels: [("RS", "Regionstyrelsen"), ("RJH", "hela regionen")]
            .map(|(code, name)| (code.to_owned(), name.to_owned()))
            .into(),
        history: Vec::new(),
        quality: quality(),
    }
}

fn exact(text: &str) -> Value {
    Value::Exact(Decimal::parse(text).expect("a decimal number"))
}

fn result() -> DataTable {
    let rows = [
        ("body", "Patientavgifter", ["612.4", "480.0", "132.4", "501.7", "110.7"]),
        ("body", "Försäljning", ["268114.9", "241900.0", "26214.9", "249310.6", "18804.3"]),
        ("body", "Bidrag", ["198530.2", "121350.0", "77180.2", "176220.5", "22309.7"]),
        ("body", "Upplösning av reserv", ["0", "0", "0", "0.3", "-0.3"]),
        ("subtotal", "Summa intäkter", ["467257.5", "363730.0", "103527.5", "426033.1", "41224.4"]),
        ("body", "Personal", ["-512330.9", "-489120.0", "-23210.9", "-478204.4", "-34126.5"]),
        (
            "body",
            "Köpt verksamhet",
            ["-604118.2", "-561400.0", "-42718.2", "-548020.9", "-56097.3"],
        ),
        (
            "body",
            "Övriga kostnader",
            ["-871204.7", "-803220.5", "-67984.2", "-797311.0", "-73893.7"],
        ),
        ("sum", "Resultat", ["-1520396.3", "-1490010.5", "-30385.8", "-1397503.2", "-122893.1"]),
    ];
    let mut table = DataTable {
        columns: vec![
            DataColumn::text("report_period", "Period"),
            DataColumn::number("sort_order", "Ordning", "", 0),
            DataColumn::text("row_kind", "Radslag"),
            DataColumn::text("line", "Post"),
            DataColumn::number("outcome_tkr", "Utfall", "tkr", 0),
            DataColumn::number("budget_tkr", "Budget", "tkr", 0),
            DataColumn::number("difference_tkr", "Avvikelse mot budget", "tkr", 0),
            DataColumn::number("previous_tkr", "Utfall föregående år", "tkr", 0),
            DataColumn::number("change_tkr", "Förändring", "tkr", 0),
        ],
        rows: Vec::new(),
        source: "Huvudboken, SIE 4E, läst 2024-09-12".into(),
    };
    for (order, (kind, line, values)) in rows.into_iter().enumerate() {
        let mut row = vec![
            Value::text("2024T2"),
            Value::Integer(order as i64),
            Value::text(kind),
            Value::text(line),
        ];
        row.extend(values.map(exact));
        table.rows.push(row);
    }
    table
}

fn units() -> DataTable {
    let rows = [
        ("Avdelningen för e-hälsa och it", "8.0"),
        ("Samordningskansliet", "0.4"),
        ("Hälso- och sjukvårdspolitiska avdelningen", "5.6"),
        ("Forskning, utbildning och utveckling", "6.4"),
        ("Ekonomiavdelningen", "-1.8"),
        ("HR-avdelningen", "2.1"),
        ("Kommunikationsavdelningen", "-0.3"),
        ("Regiongemensamt", "-31.2"),
    ];
    DataTable {
        columns: vec![
            DataColumn::text("unit_name", "Enhet"),
            DataColumn::number("difference_mkr", "Budgetavvikelse", "mkr", 1),
        ],
        rows: rows.map(|(name, value)| vec![Value::text(name), exact(value)]).into(),
        source: "Huvudboken och budgeten".into(),
    }
}

fn absence() -> DataTable {
    let women = [7.1, 7.4, 6.9, 6.2, 5.8, 5.3, 4.6, 5.5];
    let men = [4.4, 4.6, 4.3, 4.0, 3.6, 3.2, 2.9, 3.5];
    let mut rows = Vec::new();
    for month in 0..8usize {
        let day = format!("2024-{:02}-01", month + 1);
        let late = |value: f64| match month {
            7 => Value::Marked(Box::new(Value::Float(value)), Mark::Preliminary),
            _ => Value::Float(value),
        };
        let total = women[month] * 0.68 + men[month] * 0.32;
        let men = if month == 3 { Value::Missing(Missing::NotAvailable) } else { late(men[month]) };
        for (sex, value) in [("T", late(total)), ("K", late(women[month])), ("M", men)] {
            rows.push(vec![Value::Date(day.clone()), Value::text(sex), value]);
        }
    }
    DataTable {
        columns: vec![
            DataColumn::new("month", "Månad", "", 0, DataKind::Month),
            DataColumn::new("sex", "Kön", "", 0, DataKind::Sex),
            DataColumn::number("absence_pct", "Sjukfrånvaro", "%", 1),
        ],
        rows,
        source: "Lönesystemet".into(),
    }
}

fn hours() -> DataTable {
    let shape = [1.02, 0.97, 1.04, 1.01, 0.96, 0.83, 0.58, 0.93, 1.03, 1.07, 1.04, 0.98];
    let months =
        ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"];
    let mut rows = Vec::new();
    for year in 2020..=2024i64 {
        for (at, (month, share)) in months.into_iter().zip(shape).enumerate() {
            if year == 2024 && at > 7 {
                continue;
            }
            let wave = ((year * 7 + at as i64 * 3) % 5) as f64 * 0.6;
            let value = 78.0 * share * (1.0 + 0.018 * (year - 2020) as f64) + wave;
            rows.push(vec![Value::text(month), Value::Integer(year), Value::Float(value)]);
        }
    }
    DataTable {
        columns: vec![
            DataColumn::text("month_name", "Månad"),
            DataColumn::text("year", "År"),
            DataColumn::number("hours_thousand", "Arbetad tid", "tusen timmar", 1),
        ],
        rows,
        source: "Lönesystemet".into(),
    }
}

fn travel() -> DataTable {
    let rows = [
        ("2019", [412.0, 655.0, 88.0]),
        ("2022", [201.0, 611.0, 102.0]),
        ("2023", [238.0, 590.0, 121.0]),
        ("2024", [190.0, 571.0, 134.0]),
    ];
    DataTable {
        columns: vec![
            DataColumn::text("year", "År"),
            DataColumn::number("air_ton", "Flyg", "ton", 0),
            DataColumn::number("road_ton", "Bil", "ton", 0),
            DataColumn::number("rail_kg", "Övrigt", "ton", 0),
        ],
        rows: rows
            .map(|(year, values)| {
                let mut row = vec![Value::text(year)];
                row.extend(values.map(Value::Float));
                row
            })
            .into(),
        source: "Resebyrå och drivmedelsbolag".into(),
    }
}

fn employees() -> DataTable {
    let mut rows = Vec::new();
    let units = [
        ("Regionstaben", 412.0),
        ("Vårdval", 38.0),
        ("Regiondirektörens stab", 214.0),
        ("Tandvård", 187.0),
    ];
    for (at, (unit, base)) in units.into_iter().enumerate() {
        for year in 0..5 {
            let value = base * (1.0 + 0.03 * (year as f64) * if at == 1 { -1.0 } else { 1.0 });
            rows.push(vec![
                Value::text(unit),
                Value::text((2020 + year).to_string()),
                Value::Float(value.round()),
            ]);
        }
    }
    DataTable {
        columns: vec![
            DataColumn::text("unit_name", "Område"),
            DataColumn::text("year", "År"),
            DataColumn::number("person_count", "Månadsavlönade", "antal", 0),
        ],
        rows,
        source: "Lönesystemet".into(),
    }
}

fn assignments() -> DataTable {
    let rows = [
        (
            "Se över hur receptförnyelser hanteras vid alla hälsocentraler",
            1,
            "Översynen är klar vid sex av tio hälsocentraler. De som återstår har fått en tidplan, \
             och resultatet sammanställs i november.",
        ),
        (
            "Ta fram en plan för reservkraft i samhällsviktiga system",
            0,
            "Planen beslutades i juni.",
        ),
        ("Minska antalet tryckta foldrar", 2, "Upphandlingen är överprövad."),
        ("Utreda gemensam växel", 3, ""),
    ];
    DataTable {
        columns: vec![
            DataColumn::text("assignment", "Uppdrag"),
            DataColumn::new("status", "Status", "", 0, DataKind::Status),
            DataColumn::text("comment", "Kommentar"),
        ],
        rows: rows
            .map(|(name, status, comment)| {
                vec![Value::text(name), Value::Integer(status), Value::text(comment)]
            })
            .into(),
        source: "Verksamhetsplanen".into(),
    }
}

struct Made {
    id: &'static str,
    name: &'static str,
    unit: &'static str,
    level: &'static str,
    sex: Sex,
    value: Option<f64>,
    target: Option<(&'static str, f64)>,
    status: Status,
    attainment: Option<f64>,
}

/// Every question of one figure: one with limits, one silent.
fn signals() -> Vec<Signal> {
    let answers = [
        (Question::Variation, Answer::Concern, "försämring"),
        (Question::Assurance, Answer::HitOrMiss, "når målet ibland"),
        (Question::Trend, Answer::Silent, "kan inte bedömas"),
        (Question::Forecast, Answer::Forecast, "prognos"),
    ];
    let signal = |(question, answer, word): (Question, Answer, &str)| Signal {
        id: "hr__absence_pct".into(),
        level: "RS".into(),
        breakdown: String::new(),
        period: Period::parse("2024T2").expect("a period"),
        question,
        answer,
        answer_word: word.into(),
        reason: "över övre gränsen i augusti 2024: 6,90 mot 4,20–6,10 (medel 5,15)".into(),
        method: "xmr".into(),
        method_version: 1,
        method_text: "regel xmr, version 1; minst 13 månader".into(),
        points: 14,
        mean: (question == Question::Variation).then_some(5.15),
        lower_limit: (question == Question::Variation).then_some(4.2),
        upper_limit: (question == Question::Variation).then_some(6.1),
        slope: None,
        forecast: None,
        forecast_low: None,
        forecast_high: None,
        mase: None,
        mean_error: None,
        tested: None,
        covered: None,
        last_error: None,
        responsible: None,
    };
    answers.map(signal).into()
}

fn signal_points() -> Vec<SignalPoint> {
    let values = [5.0, 5.2, 4.9, 5.1, 5.6, 5.3, 5.0, 4.8, 5.4, 5.2, 5.1, 5.0, 5.3, 6.9].into_iter();
    let start = Month::parse("2023-07").expect("a month");
    let point = |(index, value): (i32, f64)| SignalPoint {
        id: "hr__absence_pct".into(),
        level: "RS".into(),
        breakdown: String::new(),
        month: start.plus(index),
        value,
        judged: value,
        cause: "inom det vanliga".into(),
    };
    (0..).zip(values).map(point).collect()
}

fn outcomes() -> Vec<Outcome> {
    use Sex::{K, M, T};
    use Status::{Met, NoData, NotMet, Partly};
    let made = |id, name, unit, level, sex, value, target, status, attainment| {
        outcome(&Made { id, name, unit, level, sex, value, target, status, attainment })
    };
    let mut all = vec![
        made(
            "hr__absence_pct",
            "Sjukfrånvaro",
            "%",
            "RS",
            T,
            Some(5.6512),
            Some(("Högst 5 %", 5.0)),
            NotMet,
            Some(0.8848),
        ),
        made("hr__absence_pct", "Sjukfrånvaro", "%", "RS", K, Some(6.0981), None, NotMet, None),
        made("hr__absence_pct", "Sjukfrånvaro", "%", "RS", M, None, None, NoData, None),
        made(
            "hr__index",
            "Hälsofrämjande index",
            "",
            "RS",
            T,
            Some(4.6),
            Some(("Minst 4,5", 4.5)),
            Met,
            Some(1.0222),
        ),
        made(
            "it__security_pct",
            "Hög säkerhet i nätverksansluten hårdvara",
            "%",
            "RJH",
            T,
            Some(22.0),
            Some(("Minst 70 %", 70.0)),
            NotMet,
            Some(0.3143),
        ),
        made(
            "economy__growth_pct",
            "Nettokostnadsutveckling",
            "%",
            "RJH",
            T,
            Some(7.4631),
            Some(("Högst 0,6 %", 0.6)),
            NotMet,
            Some(0.0804),
        ),
        made(
            "economy__equity_pct",
            "Soliditet inklusive ansvarsförbindelsen",
            "%",
            "RJH",
            T,
            Some(-18.4),
            Some(("Minst −17,5 %", -17.5)),
            Partly,
            Some(0.9511),
        ),
    ];
    all[2].missing = Some(Missing::Suppressed);
    all[5].completeness.preliminary = true;
    all[5].completeness.rejected_rows = 12;
    all[3].completeness.expected = 0;
    all
}

fn outcome(made: &Made) -> Outcome {
    let whole = |value: f64| Decimal::parse(&format!("{:.2}", value * 1234.0));
    Outcome {
        id: made.id.into(),
        name: made.name.into(),
        unit: made.unit.into(),
        decimals: 1,
        level: made.level.into(),
        period: Period::parse("2024T2").expect("a period"),
        sex: made.sex,
        breakdown: String::new(),
        numerator: made.value.and_then(whole),
        denominator: made.value.and_then(|_| Decimal::parse("123400.00")),
        value: made.value,
        missing: None,
        target: made.target.map(|(printed, value)| TargetView {
            printed: printed.into(),
            comparator: "<=".into(),
            value: Some(value),
            unit: made.unit.into(),
            baseline: None,
            plan: "Verksamhetsplan 2024".into(),
        }),
        attainment: made.attainment,
        status: Some(made.status),
        status_reason: match made.attainment {
            Some(share) => format!("status 1.0: kvoten {:.4} mot gränsen 0,9 för delvis", share)
                .replace("0.", "0,"),
            None => String::new(),
        },
        completeness: Completeness {
            of: "månader".into(),
            expected: 8,
            reported: 8,
            rejected_rows: 0,
            preliminary: false,
        },
        source_deliveries: vec!["hr-3f9a1c20d1aa".into(), "hr-77b01e5c9d02".into()],
        method_version: 1,
        mark: None,
        response: None,
    }
}

fn indicators() -> Vec<IndicatorText> {
    let text = |id: &str, name: &str, unit: &str| {
        IndicatorText {
        id: id.into(),
        name: name.into(),
        unit: unit.into(),
        measures: format!("{name} i den verksamhet som nivån anger."),
        kort: "Visar läget under perioden jämfört med målet i verksamhetsplanen.".into(),
        viktigt: vec![
            "Ackumulerat från januari.".into(),
            "Grupper om tio personer eller färre visas inte.".into(),
        ],
        bearbetning: "Täljare och nämnare summeras per månad innan kvoten bildas.".into(),
        responsible: "HR-direktör".into(),
        source: "Löne- och HR-systemet".into(),
        kolada: "N60030".into(),
        direction: "Lägre är bättre".into(),
        frequency: "Varje tertial".into(),
        version: 1,
        version_valid_from: "2024-01-01".into(),
        version_reason: "första versionen".into(),
        sql: "-- One row per unit, period and sex.\nwith\n\nhours as (\n    select unit_id, month, sex, sick_hours, ordinary_hours\n    from core.worked_time\n    where ordinary_hours > 0 and month <= date '2024-08-01'\n)\n\nselect * from hours\n".into(),
    }
    };
    vec![
        text("hr__absence_pct", "Sjukfrånvaro", "%"),
        text("hr__index", "Hälsofrämjande index", ""),
        text("it__security_pct", "Hög säkerhet i nätverksansluten hårdvara", "%"),
        text("economy__growth_pct", "Nettokostnadsutveckling", "%"),
        text("economy__equity_pct", "Soliditet inklusive ansvarsförbindelsen", "%"),
        text("climate__energy_kwh_per_m2", "Energianvändning", "kWh/m²"),
    ]
}

fn comments() -> Vec<Comment> {
    let comment = |indicator: &str, level: &str, text: &str, role: &str| Comment {
        indicator: indicator.into(),
        level: level.into(),
        text: text.into(),
        author_role: role.into(),
        written_date: "2024-09-10".into(),
    };
    vec![
        comment(
            "hr__absence_pct",
            "RS",
            "Sjukfrånvaron är lägre än samma period föregående år men högre än målet. Korttidsfrånvaron minskar medan långa sjukfall ligger kvar.",
            "HR-direktör",
        ),
        comment(
            "it__security_pct",
            "RJH",
            "Utbytet av äldre utrustning tar längre tid än planerat. Två av fem orter är klara.",
            "it-chef",
        ),
        comment(
            "economy__equity_pct",
            "RJH",
            "Pensionsskulden växer snabbare än tillgångarna.",
            "ekonomidirektör",
        ),
        comment("climate__energy_kwh_per_m2", "RJH", "Följs på helår.", "fastighetschef"),
    ]
}

fn quality() -> Vec<QualityTable> {
    let deliveries = DataTable {
        columns: vec![
            DataColumn::text("source", "Källa"),
            DataColumn::text("delivery", "Leverans"),
            DataColumn::new("received", "Mottagen", "", 0, DataKind::Date),
            DataColumn::number("rows_read", "Lästa rader", "antal", 0),
            DataColumn::number("rows_rejected", "Avvisade rader", "antal", 0),
        ],
        rows: vec![
            vec![
                Value::text("Huvudboken"),
                Value::text("ledger-0a11bb22cc33"),
                Value::Date("2024-09-12".into()),
                Value::Integer(184_220),
                Value::Integer(0),
            ],
            vec![
                Value::text("HR"),
                Value::text("hr-3f9a1c20d1aa"),
                Value::Date("2024-09-10".into()),
                Value::Integer(5_321),
                Value::Integer(12),
            ],
        ],
        source: String::new(),
    };
    vec![
        QualityTable {
            id: "leveranser".into(),
            heading: "Leveranser bakom rapporten".into(),
            intro: "Varje leverans sparas med sin kontrollsumma.".into(),
            empty: "Inga leveranser.".into(),
            table: deliveries,
        },
        QualityTable {
            id: "avstamningar".into(),
            heading: "Avstämningar som inte går ihop".into(),
            intro: String::new(),
            empty: "Alla avstämningar går ihop.".into(),
            table: DataTable::default(),
        },
    ]
}
