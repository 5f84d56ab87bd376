//! References to environment variables in a configuration file: `${NAME}`, and `${NAME:default}`,
//! whose default may stand in quotes, as graphql-config reads them.
//!
//! A variable that is not set and has no default stays as it is written, and is an error where it
//! is needed: see [`unset`]. Enter at [`substitute`].

/// The text with values in the place of references.
pub fn substitute(text: &str, value_of: impl Fn(&str) -> Option<String>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        result.push_str(before);
        let Some(end) = reference.find('}') else {
            rest = reference;
            break;
        };
        let (name, default) = parts(&reference[2..end]);
        let value = value_of(name).filter(|value| !value.contains('\n'));
        match value.or_else(|| default.map(str::to_owned)) {
            Some(value) => result.push_str(&value),
            None => result.push_str(&reference[..=end]),
        }
        rest = &reference[end + 1..];
    }
    result.push_str(rest);
    result
}

/// The variable of a reference that could not be replaced.
pub fn unset(text: &str) -> Option<&str> {
    let start = text.find("${")? + 2;
    let end = start + text[start..].find('}')?;
    Some(parts(&text[start..end]).0)
}

/// The name and the default, without the quotes around it.
fn parts(inside: &str) -> (&str, Option<&str>) {
    let Some((name, default)) = inside.split_once(':') else {
        return (inside.trim(), None);
    };
    let default = default.trim();
    let bare = ['"', '\''].into_iter().find_map(|quote| {
        let inner = default.strip_prefix(quote)?;
        inner.strip_suffix(quote)
    });
    (name.trim(), Some(bare.unwrap_or(default)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_defaults_stand_in_the_place_of_references() {
        let of = |text| {
            substitute(text, |name| match name {
                "SET" => Some("s.graphql".to_owned()),
                "LINES" => Some("a\nb".to_owned()),
                _ => None,
            })
        };
        for (written, read) in [
            ("${SET}", "s.graphql"),
            ("a/${ SET }/${SET:no}", "a/s.graphql/s.graphql"),
            ("${NO:d.graphql}", "d.graphql"),
            ("${NO: \"http://a:1/b\"}", "http://a:1/b"),
            ("${NO:'x y'}${NO:}", "x y"),
            ("${NO}", "${NO}"),
            ("${LINES:one}", "one"),
            ("${", "${"),
            ("ünï ${SET", "ünï ${SET"),
            ("$SET {SET} $${NO:x}", "$SET {SET} $x"),
        ] {
            assert_eq!(of(written), read, "{written}");
        }
        assert_eq!(unset("a/${ NO }"), Some("NO"));
        assert_eq!(unset("a/$NO}"), None);
    }
}
