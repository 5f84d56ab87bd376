//! Guests from a CSV file, under the names of its columns.
//!
//! ```text
//! name,tickets,free,email,notes
//! Ann Lee,2,1,ann@example.com,"by the window, please"
//! ```
//!
//! `name` has to be there; the others may be missing, as may their values.

use super::pasted::{LARGEST_GROUP, PastedGuest, is_email};

/// A line of the file: a guest, or what is wrong with it.
pub(crate) struct ImportedLine {
    /// The line's number, from 1.
    pub line: u64,
    pub guest: Result<PastedGuest, Rejected>,
}

/// A line that was not understood.
pub(crate) struct Rejected {
    pub text: String,
    pub reason: String,
}

/// Reads a file. An error says what is wrong with the whole of it.
pub(crate) fn parse_csv(file: &[u8]) -> Result<Vec<ImportedLine>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file);
    let header = reader
        .headers()
        .map_err(|error| format!("the file is no CSV: {error}"))?;
    let columns = Columns {
        name: column(header, "name").ok_or("the file's first line names no column `name`")?,
        tickets: column(header, "tickets"),
        free: column(header, "free"),
        email: column(header, "email"),
        notes: column(header, "notes"),
    };
    let lines = reader.records().map(|record| match record {
        Ok(record) => ImportedLine {
            line: line(file, record.position()),
            guest: columns.guest(&record).map_err(|reason| Rejected {
                text: record.iter().collect::<Vec<_>>().join(","),
                reason,
            }),
        },
        Err(error) => ImportedLine {
            line: line(file, error.position()),
            guest: Err(Rejected {
                text: String::new(),
                reason: format!("is no CSV: {error}"),
            }),
        },
    });
    Ok(lines.collect())
}

/// The line at a record's position, which may be in front of empty lines.
fn line(file: &[u8], position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = file.get(at..).unwrap_or_default().iter();
    let empty = rest.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

fn column(header: &csv::StringRecord, name: &str) -> Option<usize> {
    header
        .iter()
        .position(|column| column.eq_ignore_ascii_case(name))
}

/// Where the columns stand.
struct Columns {
    name: usize,
    tickets: Option<usize>,
    free: Option<usize>,
    email: Option<usize>,
    notes: Option<usize>,
}

impl Columns {
    fn guest(&self, record: &csv::StringRecord) -> Result<PastedGuest, String> {
        let value = |column: Option<usize>| {
            let value = record.get(column?)?;
            (!value.is_empty()).then(|| value.to_owned())
        };
        let number = |column, default| match value(column) {
            None => Ok(default),
            Some(text) => text
                .parse::<i32>()
                .map_err(|_| format!("has `{text}` where a number belongs")),
        };
        let name = value(Some(self.name)).ok_or("has no name")?;
        let (tickets, free) = (number(self.tickets, 1)?, number(self.free, 0)?);
        if !(1..=LARGEST_GROUP).contains(&tickets) {
            return Err(format!(
                "is a group of {tickets}: at least 1, at most {LARGEST_GROUP}"
            ));
        }
        if !(0..=tickets).contains(&free) {
            return Err(format!("has {free} free tickets of {tickets}"));
        }
        let email = value(self.email);
        if let Some(email) = email.as_ref().filter(|email| !is_email(email)) {
            return Err(format!("has `{email}` where an email address belongs"));
        }
        Ok(PastedGuest {
            name,
            tickets,
            free,
            email,
            note: value(self.notes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::parse_csv;

    #[test]
    fn lines_are_guests_or_say_what_is_wrong() {
        let file = "Name,Email,tickets\nAnn Lee,ann@example.com,2\n\nBob,nowhere\n,x@example.com\n\
            Eve,,lots\n\"Smith, John\"\n";
        let lines = parse_csv(file.as_bytes()).unwrap();
        let shown: Vec<String> = lines
            .iter()
            .map(|line| match &line.guest {
                Ok(guest) => format!("{} {} +{}", line.line, guest.name, guest.tickets - 1),
                Err(rejected) => format!("{} {}", line.line, rejected.reason),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "2 Ann Lee +1",
                "4 has `nowhere` where an email address belongs",
                "5 has no name",
                "6 has `lots` where a number belongs",
                "7 Smith, John +0",
            ]
        );
        assert!(parse_csv(b"a,b\n1,2\n").is_err());
    }
}
