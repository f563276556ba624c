//! The verbs a newcomer meets.

use crate::support::{command, demo, folder, on, repository, tertial};

#[test]
fn help_names_every_verb() {
    let help = tertial(&["--help"]).ended(0).out;
    for verb in [
        "demo",
        "init",
        "check",
        "test",
        "receive",
        "load",
        "build",
        "audit",
        "publish",
        "run",
        "report",
        "indicators",
        "explain",
        "rejects",
        "status",
        "sql",
        "profile",
        "completions",
    ] {
        assert!(help.contains(&format!("  {verb} ")), "{verb} is not in the help:\n{help}");
    }
}

#[test]
fn every_shell_completes_every_verb() {
    let help = tertial(&["--help"]).ended(0).out;
    let verbs = help.split("\nCommands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let entries = verbs.lines().filter_map(|line| line.strip_prefix("  "));
    let entries = entries.filter(|line| !line.starts_with(' '));
    let verbs: Vec<&str> = entries.filter_map(|line| line.split(' ').next()).collect();
    assert!(verbs.len() > 15, "{help}");
    for (shell, sign) in [
        ("bash", "complete -F _tertial"),
        ("zsh", "#compdef tertial"),
        ("fish", "complete -c tertial"),
    ] {
        let script = tertial(&["completions", shell]).ended(0).out;
        for part in ["explain", "indicators", "with-todays-methods", sign] {
            assert!(script.contains(part), "{shell}: {part} is not in:\n{script}");
        }
        assert!(verbs.iter().all(|verb| script.contains(verb)), "{shell}: {verbs:?}");
        // Nothing of the script was written out to be seen.
        assert!(!script.contains("\\u{"), "{script}");
    }
    tertial(&["completions", "tcsh"]).ended(2);
}

#[test]
fn the_repository_is_a_sound_project() {
    let answer = on(repository(), &["check"]).ended(0);
    assert!(answer.out.contains("no fault found"), "{}", answer.out);
    let json = on(repository(), &["check", "--format", "json"]).ended(0).json();
    assert!(json["indicators"].as_i64().unwrap() >= 22, "{json}");
}

#[test]
fn a_new_project_is_sound_and_empty() {
    let dir = folder("init").join("ny region");
    tertial(&["init", dir.to_str().unwrap(), "--name", "Region Å"]).ended(0);
    on(&dir, &["check"]).ended(0);
    on(&dir, &["--quiet", "run", "--as-of", "2024-09-16"]).ended(0);
    tertial(&["init", dir.to_str().unwrap()]).ended(2);
}

#[test]
fn a_folder_without_configuration_is_told_apart() {
    let answer = on(&folder("nothing"), &["check"]).ended(2);
    assert!(
        answer.err.contains("this folder is not a project") && answer.err.contains("tertial init"),
        "{}",
        answer.err
    );
}

#[test]
fn the_steps_can_be_taken_one_by_one() {
    let dir = folder("steps");
    tertial(&["--quiet", "demo", dir.to_str().unwrap(), "--scale", "0.001", "--only-deliveries"])
        .ended(0);
    let at = ["--as-of", crate::support::MORNING];
    for (verb, code) in [("receive", 0), ("load", 0), ("build", 0)] {
        on(&dir, &["--quiet", verb, at[0], at[1]]).ended(code);
    }
    on(&dir, &["--quiet", "audit"]).ended(0);
    on(&dir, &["--quiet", "publish"]).ended(0);
    on(&dir, &["--quiet", "report", "2024T2", "--format", "json"]).ended(0);
    // Each step again has nothing left to do.
    assert_eq!(
        on(&dir, &["--quiet", "receive", at[0], at[1], "--format", "json"]).json(),
        serde_json::json!([])
    );
    assert_eq!(
        on(&dir, &["--quiet", "load", at[0], at[1], "--format", "json"]).json(),
        serde_json::json!([])
    );
}

#[test]
fn the_report_comes_as_a_workbook_too() {
    let dir = crate::support::demo_copy("workbook");
    let answer = on(&dir, &["report", "2024T2", "--format", "xlsx"]).ended(0);
    let bytes = std::fs::read(answer.out.trim()).unwrap();
    assert!(bytes.starts_with(b"PK") && bytes.len() > 20_000);
}

#[test]
fn a_build_that_failed_is_never_published() {
    let dir = crate::support::demo_copy("half-built");
    let query = dir.join("sql/mart/personal.sql");
    let text = std::fs::read_to_string(&query).unwrap();
    std::fs::write(&query, format!("select cast('x' as bigint) as n from ({text})\n")).unwrap();
    let before = std::fs::read_link(dir.join("data/releases/current")).unwrap();
    let answer = on(&dir, &["build", "--as-of", crate::support::MORNING]).ended(2);
    assert!(
        answer.err.contains("T0607") && answer.err.contains("sql/mart/personal.sql"),
        "{}",
        answer.err
    );
    let answer = on(&dir, &["publish"]).ended(2);
    assert!(answer.err.contains("there is no built warehouse"), "{}", answer.err);
    assert_eq!(std::fs::read_link(dir.join("data/releases/current")).unwrap(), before);
}

#[test]
fn check_reads_every_target_text() {
    let dir = crate::support::demo_copy("faulty-target");
    let file = dir.join("seeds/targets.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = 1 + text.lines().position(|line| line.contains(",75 %,")).expect("a target of 75 %");
    std::fs::write(&file, text.replacen(",75 %,", ",sjuttiofem procent eller så,", 1)).unwrap();
    let answer = on(&dir, &["check"]).ended(2);
    assert!(
        answer.err.contains("T0505") && answer.err.contains(&format!("seeds/targets.csv:{line}:1")),
        "{}",
        answer.err
    );
}

#[test]
fn status_tells_freshness_and_what_is_lacking() {
    let answer = on(demo(), &["status", "--as-of", crate::support::MORNING]).ended(0);
    assert!(answer.out.contains("release in force: 2024-09-16-"), "{}", answer.out);
    assert!(answer.out.contains("RJH_{period}.SE"), "{}", answer.out);
    let json = on(demo(), &["status", "--as-of", "2025-06-01", "--format", "json"]).ended(1).json();
    assert!(json["sources"].as_array().unwrap().len() > 10);
}

#[test]
fn many_stale_sources_are_told_in_one_block() {
    let status = |format: &str| {
        on(demo(), &["status", "--as-of", "2025-06-01", "--format", format]).ended(1).err
    };
    let told = status("text");
    assert_eq!(told.matches("[T0403]: ").count(), 1, "{told}");
    let block = told.split("[T0403]: ").nth(1).unwrap();
    assert!(block.starts_with("source `…` is stale on 2025-06-01, in "), "{told}");
    // Nobody who reads JSON sees a difference.
    let each: Vec<serde_json::Value> = status("json")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|fault: &serde_json::Value| fault["code"] == "T0403")
        .collect();
    assert!(each.len() > 3, "{each:#?}");
    for fault in &each {
        assert!(fault["message"].as_str().unwrap().starts_with("source `"), "{fault}");
        let place = format!("   --> {} ", fault["location"]["file"].as_str().unwrap());
        let line = block.lines().find(|line| line.starts_with(&place));
        let line = line.unwrap_or_else(|| panic!("{place} is not in:\n{told}"));
        for fact in [&fault["found"], &fault["hints"][0]] {
            let fact = fact.as_str().unwrap();
            assert!(line.contains(fact) || block.contains(&format!("hint: {fact}")), "{line}");
        }
    }
    let lines = block.split("\n\n").next().unwrap().lines();
    assert_eq!(lines.filter(|line| line.starts_with("   --> ")).count(), each.len());
}

#[test]
fn words_of_faults_are_coloured_where_colour_is_asked_for() {
    let told = |variables: &[(&str, &str)], format: &str| {
        let mut command = command(&["check", "--format", format]);
        command.current_dir(folder("colour")).env_remove("NO_COLOR");
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let plain = told(&[], "text");
    assert!(plain.starts_with("error[") && !plain.contains('\u{1b}'), "{plain:?}");
    let forced = ("CLICOLOR_FORCE", "1");
    let colored = told(&[forced], "text");
    assert!(colored.starts_with("\u{1b}[") && colored.contains("error\u{1b}[0m["), "{colored:?}");
    assert_eq!(told(&[forced, ("NO_COLOR", "1")], "text"), plain);
    assert!(!told(&[forced], "json").contains('\u{1b}'));
}

#[test]
fn a_table_fits_the_terminal_and_is_whole_elsewhere() {
    let query = "select 'a name' as name, 1234567.25::decimal(12, 2) as amount, \
                 'ord ' || repeat('och ord ', 30) as told, 'one_id_of_twenty_cells' as id";
    let project = demo().to_str().unwrap();
    let arguments = ["--project", project, "sql", query];
    let piped = command(&arguments).env("COLUMNS", "70").output().unwrap();
    let piped = String::from_utf8(piped.stdout).unwrap();
    assert!(piped.lines().all(|line| line.chars().count() > 200), "{piped}");
    // `script` of util-linux is a terminal for a command.
    let quoted: Vec<String> =
        arguments.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
    let line = format!("'{}' {}", env!("CARGO_BIN_EXE_tertial"), quoted.join(" "));
    let on_terminal = std::process::Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("COLUMNS", "70")
        .env("SHELL", "/bin/sh")
        .stdin(std::process::Stdio::null())
        .output();
    let Ok(shown) = on_terminal else {
        println!("there is no `script`: nothing was tested");
        return;
    };
    let shown = String::from_utf8(shown.stdout).unwrap();
    let lines: Vec<&str> = shown.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(lines.len(), 3, "{shown:?}");
    assert!(lines.iter().all(|line| line.trim_end().chars().count() <= 70), "{shown}");
    let row = lines[2];
    assert!(row.starts_with("a name  1234567.25  ord och ord"), "{row:?}");
    assert!(row.contains('…') && row.trim_end().ends_with("one_id_of_twenty_cells"), "{row:?}");
}

#[test]
fn sql_is_read_only_and_explains_itself() {
    on(demo(), &["sql", "create table x as select 1"]).ended(2);
    let answer = on(demo(), &["sql", "select * from core.units"]).ended(2);
    assert!(answer.err.contains("--warehouse"), "{}", answer.err);
    let answer = on(
        demo(),
        &[
            "sql",
            "--warehouse",
            "--format",
            "csv",
            "select unit_name from core.units where unit_id = 'RS'",
        ],
    );
    assert_eq!(answer.ended(0).out, "unit_name\nRegionstyrelsen\n");
}

#[test]
fn sql_answers_or_says_what_is_wrong_whatever_is_asked() {
    let ask = |query: &str, format: &str| on(demo(), &["sql", "--format", format, query]);
    let several = ask("select 1 as a; select 2 as a", "json").ended(2);
    assert!(several.out.is_empty(), "{}", several.out);
    assert!(several.err.contains("2 statements"), "{}", several.err);
    ask("select ';' as a; -- the end;", "json").ended(0);
    let csv = |query: &str| ask(query, "csv").ended(0).out;
    assert_eq!(csv("select null as a"), "a\n\n");
    assert_eq!(csv("select null as a, 1 as b"), "a,b\n,1\n");
    assert_eq!(
        csv("select [1, null] as l, {'a': 1} as s, 170141183460469231731687303715884105727 as h, \
             interval '3 days' as i, '\\xAA'::blob as b"),
        "l,s,h,i,b\n\"[1, NULL]\",{'a': 1},170141183460469231731687303715884105727,3 days,\\xAA\n"
    );
    assert_eq!(csv("select 1 as a where false"), "a\n");
    for format in ["table", "json"] {
        ask("select null, [null], map {'a': 1}, 'x'::blob, uuid(), time '10:00'", format).ended(0);
    }
    let everything = "select * from test_all_types()";
    for format in ["table", "csv", "json"] {
        let answer = ask(everything, format);
        assert!(answer.code != 101 && !answer.err.contains("panicked"), "{}", answer.err);
    }
    for nothing in ["", "  ", ";", "\n-- nothing"] {
        let answer = ask(nothing, "table").ended(2);
        assert!(answer.err.contains("[T0607]: the query is empty"), "{}", answer.err);
        assert!(answer.err.contains("= expected: one question"), "{}", answer.err);
    }
}

#[test]
fn csv_holds_no_formula_and_numbers_stay_numbers() {
    let query = "select '=1+1' as \"=a\", '+46 63' as b, '-' as c, '@x' as d, chr(9) || 'x' as e, \
                 -5 as f, -0.5 as g, '-42' as h, 'a' as i, date '2024-08-31' as j";
    let answer = on(demo(), &["sql", "--format", "csv", query]).ended(0);
    assert_eq!(
        answer.out,
        "'=a,b,c,d,e,f,g,h,i,j\n'=1+1,'+46 63,'-,'@x,'\tx,-5,-0.5,-42,a,2024-08-31\n"
    );
}

#[test]
fn a_query_is_stopped_when_its_time_is_up() {
    let endless = "select sum(a.range * b.range) from range(100000000) a, range(100000000) b";
    let answer = on(demo(), &["sql", "--time-limit", "1", endless]).ended(2);
    assert!(
        answer.err.contains("the query was stopped: it had not answered within 1 s")
            && answer.err.contains("`--time-limit SECONDS`")
            && answer.err.contains("`query_seconds`"),
        "{}",
        answer.err
    );
}

#[test]
fn rejects_of_a_delivery_that_is_not_there_are_told() {
    let answer = on(demo(), &["rejects", "show", "foo"]).ended(2);
    assert!(
        answer.err.contains("[T0803]: there is no delivery with that id")
            && answer.err.contains("= found:    `foo` among ")
            && answer.err.contains("tertial rejects list"),
        "{}",
        answer.err
    );
}

#[test]
fn a_name_that_is_not_known_is_answered_with_the_nearest() {
    let told = |arguments: &[&str]| on(demo(), arguments).ended(2).err;
    let indicator = told(&["explain", "hr__sick_leve_pct"]);
    assert!(
        indicator.contains("hint: did you mean `hr__sick_leave_pct`")
            && indicator.contains("hint: `tertial indicators` lists")
            && !indicator.contains("climate__"),
        "{indicator}"
    );
    let part = told(&["explain", "sick_leave"]);
    assert!(part.contains("did you mean `hr__sick_leave_pct`"), "{part}");
    let nothing = told(&["explain", "xyzzy-plugh"]);
    assert!(!nothing.contains("did you mean") && nothing.lines().count() < 8, "{nothing}");

    let unit = told(&["explain", "hr__sick_leave_pct", "2024T2", "--unit", "REGIONSTAB"]);
    assert!(
        unit.contains("hint: did you mean `REGIONSTABEN`?")
            && unit.contains("= found:    `REGIONSTAB`")
            && unit.contains("= expected: one of the units `")
            && unit.contains("hint: `tertial indicators 2024T2` lists every figure"),
        "{unit}"
    );
    let breakdown = told(&[
        "explain",
        "hr__sick_leave_pct",
        "2024T2",
        "--unit",
        "RS",
        "--breakdown",
        "nothing-of-the-kind",
    ]);
    assert!(!breakdown.contains("one of the units"), "{breakdown}");
    let figure = ["explain", "economy__supplier_loyalty_pct", "2024T2", "--unit", "RJH"];
    let found =
        on(demo(), &[&figure[..], &["--rows", "--format", "json"]].concat()).ended(0).json();
    let table = found["tables"][0]["table"].as_str().unwrap();
    let cut_off = &table[..table.len() - 1];
    let answer = told(&[&figure[..], &["--rows", "--table", cut_off]].concat());
    assert!(answer.contains(&format!("did you mean `{table}`")), "{answer}");

    let deliveries = std::fs::read_dir(demo().join("data/deliveries")).unwrap().flatten();
    let delivery = deliveries.map(|entry| entry.path()).find(|path| path.is_file()).unwrap();
    let delivery = delivery.file_stem().unwrap().to_string_lossy().into_owned();
    let answer = told(&["rejects", "show", &delivery[..delivery.len() - 2]]);
    assert!(answer.contains(&format!("did you mean `{delivery}`?")), "{answer}");
}

#[test]
fn profile_drafts_a_pipeline_and_a_contract() {
    let file = folder("profile").join("besok_2024.csv");
    std::fs::write(
        &file,
        "Månad;Enhet;Antal besök;Kostnad kr\n2024-01;0605;12;1 234,50\n2024-02;0607;8;99,00\n",
    )
    .unwrap();
    let answer = tertial(&["profile", file.to_str().unwrap(), "--name", "visits"]).ended(0);
    for part in ["pipelines/visits/pipeline.toml", "besok_{period}.csv", "antal_besok", "decimal("]
    {
        assert!(answer.out.contains(part), "{part} is not in:\n{}", answer.out);
    }
}
