//! Page after page, until an answer names no next one.

use crate::address::{Origin, join};
use crate::call::{Answer, Caller, Conditions};
use crate::fault::Fault;
use crate::spool::Spool;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The one thing of a page that matters here.
#[derive(Deserialize)]
struct Page {
    /// Kolada, version 3.
    #[serde(default)]
    next_url: Option<String>,
    /// Version 2.
    #[serde(default)]
    next_page: Option<String>,
}

/// Follows the pages after the first one, which is in the spool, and makes them one JSON array.
/// Gives the number of pages. A first answer that is no JSON object stays as it is: the reader
/// knows better what to say about it.
pub(crate) fn follow(
    first: &str,
    origin: &Origin,
    most: u32,
    caller: &mut Caller<'_>,
    spool: &mut Spool,
) -> Result<u32, Fault> {
    let bytes = spool.after(0)?;
    let Ok(page) = parse(&bytes) else { return Ok(1) };
    spool.rewind(0)?;
    spool.add(b"[")?;
    spool.add(plain(&bytes))?;
    let mut at = first.to_owned();
    let mut next = next_of(page);
    let mut seen = BTreeSet::from([at.clone()]);
    let mut count = 1;
    while let Some(reference) = next {
        let url = join(&at, &reference);
        if !origin.allows(&Origin::of(&url)) {
            return Err(Fault::other_host(&at, &url, &origin.to_string()));
        }
        if !seen.insert(url.clone()) {
            return Err(Fault::refused(format!("page {count} names an earlier page, `{url}`"))
                .expecting("pages that come to an end"));
        }
        if count == most {
            return Err(Fault::refused(format!("page {most} names yet another, `{url}`"))
                .expecting(format!("at most {most} pages"))
                .hinting("ask for less at a time, or raise `max_pages`"));
        }
        count += 1;
        spool.add(b",\n")?;
        let mark = spool.written();
        let Answer::Body { .. } = caller.call(&url, &Conditions::default(), spool)? else {
            return Err(Fault::failed(format!("304 Not Modified from `{url}`, unasked")));
        };
        let bytes = spool.after(mark)?;
        let page = parse(&bytes).map_err(|error| {
            Fault::failed(format!("page {count} from `{url}` is no JSON object: {error}"))
                .expecting("a page like the first one")
        })?;
        spool.rewind(mark)?;
        spool.add(plain(&bytes))?;
        next = next_of(page);
        at = url;
    }
    spool.add(b"]\n")?;
    Ok(count)
}

fn next_of(page: Page) -> Option<String> {
    page.next_url.or(page.next_page).filter(|next| !next.trim().is_empty())
}

fn parse(bytes: &[u8]) -> serde_json::Result<Page> {
    let bytes = plain(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        // An array would be read as the fields in order.
        Some(b'[') => Err(serde::de::Error::custom("it begins with `[`")),
        _ => serde_json::from_slice(bytes),
    }
}

/// Without a byte order mark, which may not stand inside an array.
fn plain(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
