//! Which redirect URIs may be registered, and which ones equal a registered one.

use url::{Host, Url};

/// An error unless the URI is https, or http with `localhost`, `127.0.0.1` or `::1`, and has no
/// fragment (RFC 6749 §3.1.2).
pub(crate) fn check(uri: &str) -> Result<(), String> {
    let parsed = Url::parse(uri).map_err(|error| format!("`{uri}` is not a URI: {error}"))?;
    if parsed.fragment().is_some() {
        return Err(format!("`{uri}` has a fragment"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(format!("`{uri}` has a user or a password in it"));
    }
    match parsed.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&parsed) => Ok(()),
        _ => Err(format!(
            "`{uri}` is neither https nor http with localhost, 127.0.0.1 or [::1]"
        )),
    }
}

fn is_loopback(uri: &Url) -> bool {
    match uri.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.octets() == [127, 0, 0, 1],
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether `given` is the registered URI: the same string, or the same loopback URI on another port
/// (RFC 8252 §7.3).
pub(crate) fn matches(registered: &str, given: &str, exact_ports: bool) -> bool {
    if registered == given {
        return true;
    }
    if exact_ports {
        return false;
    }
    let (Ok(mut registered), Ok(mut given)) = (Url::parse(registered), Url::parse(given)) else {
        return false;
    };
    let both_loopback = [&registered, &given]
        .iter()
        .all(|uri| uri.scheme() == "http" && is_loopback(uri));
    both_loopback
        && given.fragment().is_none()
        && registered.set_port(None).is_ok()
        && given.set_port(None).is_ok()
        && registered == given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_can_be_registered() {
        for good in [
            "https://app.example/callback",
            "http://localhost/callback",
            "http://127.0.0.1:8080/",
            "http://[::1]:9/x?y=z",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "http://app.example/callback",
            "http://localhost.example/",
            "http://127.0.0.2/",
            "http://user@localhost/",
            "https://app.example/#top",
            "myapp://callback",
            "javascript:alert(1)",
            "/callback",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_uri_may_differ() {
        let registered = "http://127.0.0.1:5000/callback";
        assert!(matches(registered, "http://127.0.0.1:6000/callback", false));
        assert!(matches(registered, "http://127.0.0.1/callback", false));
        assert!(!matches(registered, "http://127.0.0.1:6000/callback", true));
        for other in [
            "http://localhost:5000/callback",
            "http://127.0.0.1:5000/other",
            "http://127.0.0.1:5000/callback?x=1",
            "http://127.0.0.1:5000/callback#f",
            "https://127.0.0.1:5000/callback",
        ] {
            assert!(!matches(registered, other, false), "{other}");
        }
        assert!(!matches(
            "https://app.example/",
            "https://app.example:444/",
            false
        ));
    }
}
