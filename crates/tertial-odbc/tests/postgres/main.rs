//! Asking a real PostgreSQL through its own ODBC driver, on good days and bad.

#[path = "../../../../tests/support/ordinary.rs"]
mod ordinary;
mod server;

use server::{PASSWORD, Postgres};
use std::cell::Cell;
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tertial_model::pipeline::QuerySpec;
use tertial_model::{AnswerColumn, Code, Diagnostic, Faults, Location};
use tertial_odbc::{Answer, Connection, Question, ask};

/// One server for all tests; each makes tables of its own.
fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(Postgres::start)
}

fn spec() -> QuerySpec {
    QuerySpec {
        connection: "env:PAYMENTS_ODBC".to_owned(),
        sql: "utbetalningar.sql".to_owned(),
        file: "utbetalningar_{period}.csv".to_owned(),
        parameters: Vec::new(),
        max_rows: 100_000,
        max_bytes: 10_000_000,
        timeout_seconds: 30,
        max_text: 40_000,
        batch_rows: 100,
    }
}

/// One question and its circumstances.
struct Asking<'a> {
    connection: String,
    spec: QuerySpec,
    sql: &'a str,
    parameters: Vec<String>,
}

impl<'a> Asking<'a> {
    fn new(sql: &'a str) -> Asking<'a> {
        Asking { connection: postgres().connection(""), spec: spec(), sql, parameters: Vec::new() }
    }

    fn to(
        &self,
        judge: &dyn Fn(&[AnswerColumn]) -> Vec<Diagnostic>,
        out: &mut dyn Write,
    ) -> Result<Answer, Faults> {
        let variable = |_: &str| Some(self.connection.clone());
        let pipeline = "pipelines/payments/pipeline.toml";
        let connection = Connection::read(
            &self.spec.connection,
            Path::new("/"),
            &variable,
            "payments",
            pipeline,
        )?;
        let question = Question {
            source: "payments",
            place: "pipelines/payments/utbetalningar.sql",
            file: "utbetalningar_2024T2.csv",
            sql: self.sql,
            parameters: &self.parameters,
            connection: &connection,
            spec: &self.spec,
        };
        let begin = Instant::now();
        ask(&question, judge, &|| begin.elapsed(), out)
    }

    fn text(&self) -> String {
        let mut bytes = Vec::new();
        let answer = self.to(&|_| Vec::new(), &mut bytes).unwrap_or_else(|faults| {
            panic!("{}", faults.iter().map(ToString::to_string).collect::<String>())
        });
        assert_eq!(answer.bytes, bytes.len() as u64);
        String::from_utf8(bytes).unwrap()
    }

    /// The complete text of the faults, free of the port; never with the password.
    fn fault(&self) -> String {
        let faults = self.to(&|_| Vec::new(), &mut io::sink()).unwrap_err();
        let told: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
        assert!(!told.contains("hemligt") && !told.contains(PASSWORD), "{told}");
        told.replace(&postgres().port.to_string(), "<port>")
    }
}

#[test]
fn every_value_comes_as_it_is() {
    postgres().run(
        "create table whole (id bigint primary key, amount numeric(18,2), huge numeric(38,10), \
         name varchar(40), remark text, paid_on date, changed_at timestamp, is_paid boolean, \
         small smallint); \
         insert into whole values \
         (1, 1234567890123456.78, 9999999999999999999999999999.0123456789, 'Åre Östersund', \
          'sade \"åäö\", och' || chr(10) || 'gick 😀', '2024-08-31', '2024-08-31 23:59:59.123456', true, 1), \
         (2, -0.01, -0.0000000001, '', '', '1999-01-01', '2024-01-01 00:00:00', false, -32768), \
         (3, null, null, null, null, null, null, null, null), \
         (9223372036854775807, 0.10, 0, 'a,b', repeat('å', 20000), '2024-02-29', null, null, 0)",
    );
    let asking = Asking::new("select * from whole order by id");
    let text = asking.text();
    let long = "å".repeat(20_000);
    assert!(text.contains(&long));
    insta::assert_snapshot!(text.replace(&long, "<20 000 å>"), @r#"
    id,amount,huge,name,remark,paid_on,changed_at,is_paid,small
    1,1234567890123456.78,9999999999999999999999999999.0123456789,Åre Östersund,"sade ""åäö"", och
    gick 😀",2024-08-31,2024-08-31 23:59:59.123456,1,1
    2,-0.01,-0.0000000001,"","",1999-01-01,2024-01-01 00:00:00,0,-32768
    3,,,,,,,,
    9223372036854775807,0.10,0.0000000000,"a,b",<20 000 å>,2024-02-29,,,0
    "#);
    // The same question gives the same bytes, whatever the size of the batches.
    let one = Asking { spec: QuerySpec { batch_rows: 1, ..spec() }, ..Asking::new(asking.sql) };
    assert_eq!(one.text(), text);
}

#[test]
fn an_exact_number_is_never_rounded_on_the_way() {
    // The driver says that both have six decimals.
    let digits = "12345678901234567890123456789012345.123456789012345678901234567890";
    let sql = format!(
        "select {digits} as a, 1.23456789 as b, avg(x) as c from (values (1),(2),(2)) as v(x)"
    );
    let asking = Asking::new(&sql);
    assert_eq!(asking.text(), format!("a,b,c\n{digits},1.23456789,1.6666666666666667\n"));
    let seen = Cell::new(String::new());
    let judge = |columns: &[AnswerColumn]| {
        let kinds: Vec<String> =
            columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect();
        seen.set(kinds.join(", "));
        Vec::new()
    };
    asking.to(&judge, &mut io::sink()).unwrap();
    assert_eq!(seen.take(), "a numeric(28,6), b numeric(28,6), c numeric(28,6)");
}

#[test]
fn kinds_are_told_before_the_query_runs() {
    postgres().run("create sequence drawn");
    let sql = "select nextval('drawn') as n, 1.5::numeric(18,2) as amount, 1.5::float8 as f, \
               current_date as d, 'a'::varchar(7) as v, 'b'::text as t, now()::timestamp as s, \
               'x'::bytea as raw order by 1";
    let asking = Asking::new(sql);
    let seen = Cell::new(String::new());
    let refuse = |columns: &[AnswerColumn]| {
        let kinds: Vec<String> =
            columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect();
        seen.set(kinds.join("\n"));
        vec![Diagnostic::error(Code::QueryColumnsDiffer, "not as agreed", Location::file("q.sql"))]
    };
    let mut out = Vec::new();
    let faults = asking.to(&refuse, &mut out).unwrap_err();
    assert_eq!((faults.len(), faults[0].code), (1, Code::QueryColumnsDiffer));
    insta::assert_snapshot!(seen.take(), @"
    n whole number
    amount numeric(18,2)
    f floating-point number
    d date
    v text(7)
    t text
    s timestamp
    raw bytes
    ");
    assert_eq!(out, b"", "nothing was fetched");
    assert_eq!(
        postgres()
            .run("select is_called from pg_sequences s, drawn where s.sequencename = 'drawn'")
            .trim(),
        "f"
    );
}

#[test]
fn parameters_are_bound_and_not_pasted() {
    postgres().run(
        "create table dated (d date, n int); insert into dated \
         select date '2024-01-01' + i, i from generate_series(0, 365) as i",
    );
    let sql = "select n from dated where d between cast(? as date) and cast(? as date) order by n";
    let asking = Asking {
        parameters: vec!["2024-02-28".to_owned(), "2024-03-01".to_owned()],
        ..Asking::new(sql)
    };
    assert_eq!(asking.text(), "n\n58\n59\n60\n");
    let sharp = Asking {
        parameters: vec!["'; drop table dated; --å".to_owned()],
        ..Asking::new("select ? as t order by 1")
    };
    assert_eq!(sharp.text(), "t\n'; drop table dated; --å\n");
}

#[test]
fn a_text_that_does_not_fit_is_told_and_never_cut() {
    let sql = "select 1 as id, 'kort'::text as remark union all \
               select 2, repeat('å', 5001) order by id";
    let small = Asking { spec: QuerySpec { max_text: 5000, ..spec() }, ..Asking::new(sql) };
    insta::assert_snapshot!(small.fault(), @"
    error[T0127]: a value of `remark` is longer than what is fetched of it
       --> pipelines/payments/utbetalningar.sql
        = found:    5001 characters in row 2 of the answer
        = expected: at most 5000 characters (UTF-16)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: raise `max_text`, and the driver's own limit in the connection string (`MaxLongVarcharSize` for PostgreSQL)
    ");
    let fits = Asking { spec: QuerySpec { max_text: 5001, ..spec() }, ..Asking::new(sql) };
    assert!(fits.text().ends_with(&format!("2,{}\n", "å".repeat(5001))));
    // A `varchar` without a bound is described as one of 255 characters.
    let declared = Asking::new("select repeat('x', 600)::varchar as remark order by 1");
    insta::assert_snapshot!(declared.fault(), @"
    error[T0127]: a value of `remark` is longer than what is fetched of it
       --> pipelines/payments/utbetalningar.sql
        = found:    600 characters in row 1 of the answer
        = expected: at most 510 characters (UTF-16)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: the database declares `text(255)`; say in the query how long it may be, `cast(… as varchar(n))`, or leave it open, `cast(… as text)`
    ");
    let cast =
        Asking::new("select cast(repeat('x', 600)::varchar as varchar(600)) as remark order by 1");
    assert_eq!(cast.text().len(), "remark\n".len() + 601);
}

#[test]
fn limits() {
    let rows = "select i from generate_series(1, 1000) as i order by i";
    let most = |max_rows: u64, max_bytes: u64| Asking {
        spec: QuerySpec { max_rows, max_bytes, ..spec() },
        ..Asking::new(rows)
    };
    assert_eq!(most(1000, 1_000_000).text().lines().count(), 1001);
    insta::assert_snapshot!(most(999, 1_000_000).fault(), @"
    error[T0117]: the answer for `utbetalningar_2024T2.csv` of `payments` was refused
       --> pipelines/payments/utbetalningar.sql
        = found:    an answer that goes on after 1000 rows
        = expected: at most 999 rows
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask for less at a time, or raise `max_rows`
    ");
    insta::assert_snapshot!(most(1000, 500).fault(), @"
    error[T0117]: the answer for `utbetalningar_2024T2.csv` of `payments` was refused
       --> pipelines/payments/utbetalningar.sql
        = found:    an answer that goes on after 500 bytes
        = expected: at most 500 bytes
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask for less at a time, or raise `max_bytes`
    ");
    let slow = Asking {
        spec: QuerySpec { timeout_seconds: 1, ..spec() },
        ..Asking::new("select pg_sleep(20), 1 as a order by 2")
    };
    let begin = Instant::now();
    insta::assert_snapshot!(slow.fault(), @"
    warning[T0116]: `utbetalningar_2024T2.csv` of `payments` could not be fetched
       --> pipelines/payments/utbetalningar.sql
        = found:    running the query failed: ERROR: canceling statement due to statement timeout; Error while executing the query (57014)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask for less at a time, or raise `timeout_seconds`
    ");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

/// Does something once, when the first rows have come.
struct Meanwhile<F: FnMut()> {
    bytes: usize,
    then: F,
}

impl<F: FnMut()> Write for Meanwhile<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes < 1000 && self.bytes + bytes.len() >= 1000 {
            (self.then)();
        }
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_server_that_goes_away_half_way() {
    let asking = Asking {
        connection: postgres().connection("UseDeclareFetch=1;Fetch=100;ApplicationName=halfway;"),
        ..Asking::new(
            "select i, repeat('x', 50) as t from generate_series(1, 50000) as i order by i",
        )
    };
    let mut out = Meanwhile {
        bytes: 0,
        then: || {
            let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                       where query like '%generate_series(1, 50000)%' and pid <> pg_backend_pid() \
                       and usename = 'tertial' and application_name <> 'psql'";
            assert_eq!(postgres().run(sql).trim(), "1");
        },
    };
    let faults = asking.to(&|_| Vec::new(), &mut out).unwrap_err();
    let told = faults[0].to_string();
    assert!(out.bytes < 100_000, "{}", out.bytes);
    insta::assert_snapshot!(told, @"
    warning[T0116]: `utbetalningar_2024T2.csv` of `payments` could not be fetched
       --> pipelines/payments/utbetalningar.sql
        = found:    an answer that breaks off after 100 rows: FATAL: terminating connection due to administrator command; The connection has been lost (57P01)
        = expected: an answer with its end
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: run again; if it stays so, ask those who run the database
    ");
}

#[test]
fn no_connection() {
    let wrong =
        |connection: String| Asking { connection, ..Asking::new("select 1 as a order by 1") };
    let password = PASSWORD.replace('}', "}}");
    let other = postgres().connection("").replace(&password, "ett annat hemligt");
    insta::assert_snapshot!(wrong(other).fault(), @r#"
    warning[T0116]: `utbetalningar_2024T2.csv` of `payments` could not be fetched
       --> pipelines/payments/utbetalningar.sql
        = found:    no connection: connection to server at "127.0.0.1", port <port> failed: FATAL: password authentication failed for user "tertial" (08001)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the server runs and lets this machine in, and that account and password are right
    "#);
    let nobody = ordinary::free_port().to_string();
    let port = format!("Port={}", postgres().port);
    let down = wrong(postgres().connection("").replace(&port, &format!("Port={nobody}")));
    insta::assert_snapshot!(down.fault().replace(&nobody, "<port>"), @r#"
    warning[T0116]: `utbetalningar_2024T2.csv` of `payments` could not be fetched
       --> pipelines/payments/utbetalningar.sql
        = found:    no connection: connection to server at "127.0.0.1", port <port> failed: Connection refused Is the server running on that host and accepting TCP/IP connections? (08001)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the server runs and lets this machine in, and that account and password are right
    "#);
    insta::assert_snapshot!(wrong("Driver=/nowhere/driver.so;Pwd=hemligt".to_owned()).fault(), @"
    warning[T0116]: `utbetalningar_2024T2.csv` of `payments` could not be fetched
       --> pipelines/payments/utbetalningar.sql
        = found:    no connection: [unixODBC][Driver Manager]Can't open lib '/nowhere/driver.so' : file not found (01000)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the driver is installed and `odbcinst.ini` names it; `odbcinst -q -d` lists what there is
    ");
    insta::assert_snapshot!(wrong("DSN=finns_inte;Pwd=hemligt".to_owned()).fault(), @"
    warning[T0116]: `utbetalningar_2024T2.csv` of `payments` could not be fetched
       --> pipelines/payments/utbetalningar.sql
        = found:    no connection: [unixODBC][Driver Manager]Data source name not found and no default driver specified (IM002)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the driver is installed and `odbcinst.ini` names it; `odbcinst -q -d` lists what there is
    ");
}

#[test]
fn queries_that_the_database_does_not_understand() {
    insta::assert_snapshot!(Asking::new("select belopp from finns_inte order by 1").fault(), @r#"
    warning[T0116]: `utbetalningar_2024T2.csv` of `payments` could not be fetched
       --> pipelines/payments/utbetalningar.sql
        = found:    describing the answer failed: ERROR: relation "finns_inte" does not exist; No query has been executed with that handle (42P01)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: try the query in the database's own client
    "#);
    insta::assert_snapshot!(Asking::new("create table made (a int)").fault(), @"
    error[T0117]: the answer for `utbetalningar_2024T2.csv` of `payments` was refused
       --> pipelines/payments/utbetalningar.sql
        = found:    a statement without an answer
        = expected: a query with columns
        = effect:   nothing was laid into the drop folder; the last delivery stays in force
    ");
    let nothing = Asking::new("select 1 as a where false order by 1");
    assert_eq!(nothing.text(), "a\n");
}
