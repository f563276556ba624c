//! Just enough reading of our own HTML for its tests.

const VOID: [&str; 8] = ["meta", "br", "path", "circle", "rect", "!doctype", "hr", "input"];

/// Every tag that is opened is closed, in order.
pub fn assert_balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags(page) {
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            assert_eq!(last, Some(name), "</{name}> closes {last:?}");
            continue;
        }
        let name = tag.split([' ', '\n']).next().unwrap_or("").trim_end_matches('/');
        if !tag.ends_with('/') && !VOID.contains(&name.to_lowercase().as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

/// The insides of all tags, the style sheet's text skipped.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        tags.push(tag);
        rest = &rest[end + 1..];
        if tag == "style" {
            rest = &rest[rest.find("</style>").expect("the style sheet ends")..];
        }
    }
    tags
}

/// The values of an attribute, in order.
pub fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("{name}=\"");
    tags(page)
        .into_iter()
        .flat_map(|tag| tag.split(' ').find_map(|part| part.strip_prefix(&start)).map(|_| tag))
        .filter_map(|tag| {
            let at = tag.find(&format!(" {start}"))? + start.len() + 1;
            tag[at..].split('"').next()
        })
        .collect()
}

/// The levels of the headings, in order.
pub fn heading_levels(page: &str) -> Vec<u8> {
    tags(page)
        .into_iter()
        .filter_map(|tag| {
            let level = tag.strip_prefix('h')?.split(' ').next()?;
            level.parse().ok()
        })
        .collect()
}

/// Id and rows of every table, as the eye sees the cells.
pub fn tables(page: &str) -> Vec<(String, Vec<Vec<String>>)> {
    page.split("<table id=\"")
        .skip(1)
        .map(|table| {
            let id = table.split('"').next().unwrap_or("").to_owned();
            let body = table.split("<tbody").nth(1).and_then(|t| t.split("</tbody>").next());
            let rows = body.unwrap_or("").split("<tr").skip(1).map(row).collect();
            (id, rows)
        })
        .collect()
}

fn row(row: &str) -> Vec<String> {
    let cells = row.replace("</td>", "</th>");
    let cells = cells.split("</th>").filter(|cell| cell.contains("<t"));
    cells.map(|cell| visible(&cell[cell.find("<t").unwrap_or(0)..])).collect()
}

/// The text without tags and without what only a screen reader says.
fn visible(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if tag == "span class=\"vh\"" {
            rest = &rest[rest.find("</span>").expect("the span ends")..];
        }
    }
    text.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter))
}
