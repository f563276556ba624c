//! Addresses: placeholders, relative ones, and which belong to the same host.

/// The address with its placeholders filled; `None` when it needs a period and none is open.
pub(crate) fn fill(text: &str, period: Option<&str>, year: &str) -> Option<String> {
    let text = text.replace("{year}", year);
    if !text.contains("{period}") {
        return Some(text);
    }
    period.map(|period| text.replace("{period}", period))
}

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
}

impl Origin {
    /// Of an absolute address.
    pub(crate) fn of(url: &str) -> Origin {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let host = rest.split(['/', '?', '#']).next().unwrap_or("");
        let scheme = scheme.to_ascii_lowercase();
        let port = if scheme == "https" { ":443" } else { ":80" };
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(port).map(str::to_owned).unwrap_or(host);
        Origin { scheme, host }
    }

    /// Whether what is meant for this origin may go to the other: the same, or the same host with
    /// encryption added.
    pub(crate) fn allows(&self, other: &Origin) -> bool {
        let is_safe =
            self.scheme == other.scheme || (self.scheme == "http" && other.scheme == "https");
        is_safe && self.host == other.host && !self.host.is_empty()
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

/// An address as it stands in a `Location` or in `next_url`, made absolute.
pub(crate) fn join(base: &str, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or("").trim();
    if reference.contains("://") {
        return reference.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let path_start = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(path_start);
    let path = path.split('?').next().unwrap_or("");
    if let Some(other) = reference.strip_prefix("//") {
        return format!("{scheme}://{other}");
    }
    if reference.starts_with('/') {
        return format!("{scheme}://{host}{reference}");
    }
    if reference.is_empty() || reference.starts_with('?') {
        return format!("{scheme}://{host}{path}{reference}");
    }
    let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
    format!("{scheme}://{host}{folder}{reference}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        assert_eq!(fill("a/{year}/{period}", Some("2024T2"), "2024").unwrap(), "a/2024/2024T2");
        assert_eq!(fill("a/{period}", None, "2024"), None);
        assert_eq!(fill("a/{year}", None, "2024").unwrap(), "a/2024");
    }

    #[test]
    fn relative_addresses() {
        let base = "https://host.se:8443/v3/data?page=1";
        for (reference, absolute) in [
            ("https://a.se/b", "https://a.se/b"),
            ("//a.se/b", "https://a.se/b"),
            ("/b?c", "https://host.se:8443/b?c"),
            ("?page=2", "https://host.se:8443/v3/data?page=2"),
            ("other", "https://host.se:8443/v3/other"),
        ] {
            assert_eq!(join(base, reference), absolute);
        }
        assert_eq!(join("https://host.se", "a"), "https://host.se/a");
    }

    #[test]
    fn the_same_host_or_the_same_with_encryption() {
        let allows = |from: &str, to: &str| Origin::of(from).allows(&Origin::of(to));
        assert!(allows("https://Host.se/a", "https://host.se:443/b?c"));
        assert!(allows("http://host.se/a", "https://host.se/a"));
        assert!(!allows("https://host.se/a", "http://host.se/a"));
        assert!(!allows("https://host.se/a", "https://host.se.evil.org/a"));
        assert!(!allows("https://host.se/a", "https://host.se@evil.org/a"));
        assert!(!allows("https://host.se/a", "https://host.se:8443/a"));
        assert!(!allows("https://host.se/a", "file:///a"));
        assert!(!allows("https://", "https://"));
    }
}
