//! A list of objects as the rows of a table. Enter at [`find`].

use crate::table::{self, Cell};
use crate::terminal::{self, Style};
use attendium::Json;
use serde_json::Map;

type Object = Map<String, Json>;

/// The objects of the list that is selected, or of the one in the data. Where there are several
/// lists, or none, their paths.
pub fn find<'a>(values: &[&'a Json]) -> Result<Vec<&'a Object>, Vec<String>> {
    if let [one] = values {
        let mut lists = Vec::new();
        let mut places = vec![(String::new(), *one)];
        while let Some((path, value)) = places.pop() {
            if let Some(rows) = rows_of(value) {
                lists.push((path, rows));
                continue;
            }
            let members = value.as_object().into_iter().flatten().rev();
            places.extend(members.map(|(name, value)| {
                let dot = if path.is_empty() { "" } else { "." };
                (format!("{path}{dot}{name}"), value)
            }));
        }
        return match (lists.len(), one.as_object()) {
            (1, _) => Ok(lists.remove(0).1),
            // One object is a table of one row.
            (0, Some(one)) => Ok(vec![one]),
            _ => Err(lists.into_iter().map(|(path, _)| path).collect()),
        };
    }
    let rows: Vec<&Object> = values
        .iter()
        .filter_map(|value| value.as_object())
        .collect();
    if rows.is_empty() && !values.is_empty() {
        return Err(Vec::new());
    }
    Ok(rows)
}

fn rows_of(value: &Json) -> Option<Vec<&Object>> {
    let items = value.as_array()?;
    let rows: Vec<&Object> = items.iter().filter_map(Json::as_object).collect();
    (!rows.is_empty() || items.is_empty()).then_some(rows)
}

/// The lines of the table. Objects within objects are columns of their own, `venue.city`.
pub fn layout(style: Style, rows: &[&Object]) -> Vec<String> {
    let rows: Vec<Vec<(String, &Json)>> = rows.iter().map(|row| flatten(row)).collect();
    let mut columns: Vec<&str> = Vec::new();
    for (name, value) in rows.iter().flatten() {
        // Where one row has an object and another has null, the null says nothing.
        let is_parent = value.is_null()
            && rows.iter().flatten().any(|(other, _)| {
                other
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
            });
        if !columns.contains(&name.as_str()) && !is_parent {
            columns.push(name);
        }
    }
    let head = columns.iter().map(|name| Cell::Text((*name).to_owned()));
    let mut cells = vec![head.collect::<Vec<_>>()];
    cells.extend(rows.iter().map(|row| {
        let value = |column: &&str| row.iter().find(|(name, _)| name == column);
        columns
            .iter()
            .map(|column| match value(column).map(|(_, value)| value) {
                None | Some(Json::Null) => Cell::Text(String::new()),
                Some(number @ Json::Number(_)) => Cell::Number(number.to_string()),
                Some(Json::String(text)) => Cell::Text(terminal::on_one_line(text)),
                Some(other) => Cell::Text(other.to_string()),
            })
            .collect()
    }));
    table::layout(style, &cells)
}

fn flatten(row: &Object) -> Vec<(String, &Json)> {
    let mut cells = Vec::new();
    let mut stack: Vec<(String, &Json)> = row
        .iter()
        .rev()
        .map(|(name, value)| (name.clone(), value))
        .collect();
    while let Some((name, value)) = stack.pop() {
        match value {
            Json::Object(inner) => {
                let inner = inner.iter().rev();
                stack.extend(inner.map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => cells.push((name, value)),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(data: &Json) -> Vec<String> {
        let rows = find(&[data]).unwrap_or_else(|_| panic!("no rows in {data}"));
        layout(Style::plain(), &rows)
    }

    #[test]
    fn the_list_is_the_table_and_objects_within_are_columns() {
        let data = json!({"event": {"name": "Gala", "guests": {"nodes": [
            {"name": "Zoë\nX", "tickets": 2, "list": {"name": "VIP"}, "tags": ["a"]},
            {"name": "李雷", "tickets": 10, "list": null, "tags": []},
        ]}}});
        assert_eq!(
            lines(&data),
            [
                "name   tickets  list.name  tags",
                "─────  ───────  ─────────  ─────",
                "Zoë X        2  VIP        [\"a\"]",
                "李雷        10             []",
            ]
        );
    }

    #[test]
    fn one_object_is_one_row_and_a_number_is_none() {
        assert_eq!(lines(&json!({"id": 1}))[2], " 1");
        assert!(find(&[&json!(1)]).is_err_and(|paths| paths.is_empty()));
        assert_eq!(find(&[&json!([])]).map(|rows| rows.len()), Ok(0));
    }

    #[test]
    fn of_several_lists_none_is_chosen() {
        let data = json!({"a": {"b": [{"c": [{"d": 1}]}], "n": [1]}, "e": []});
        assert_eq!(find(&[&data]), Err(vec!["a.b".into(), "e".into()]));
    }
}
