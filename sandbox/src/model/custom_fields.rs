//! Which values the custom fields of a guest take. Enter at [`set`].

use serde_json::Value;

use super::enums::CustomFieldKind;
use super::failure::Failure;
use super::inputs::CustomFieldValueInput;
use super::world::{Change, CustomFieldRecord};

/// Sets the given values, by field; those of other fields stay.
pub(crate) fn set(
    fields: &[CustomFieldRecord],
    own: &mut Vec<(String, Value)>,
    given: Option<Vec<CustomFieldValueInput>>,
) -> Result<(), Failure> {
    for CustomFieldValueInput { field, value } in given.unwrap_or_default() {
        let known = fields.iter().find(|known| known.id == field.0);
        let known = known.ok_or_else(|| Failure::not_found("custom field", &field))?;
        if !fits(known, &value) {
            return Err(Failure::invalid(
                "customFields",
                format!("`{}` takes {}", known.name, wanted(known)),
            ));
        }
        match own.iter_mut().find(|(id, _)| *id == field.0) {
            Some((_, before)) => *before = value,
            None => own.push((field.0, value)),
        }
    }
    let missing = fields
        .iter()
        .find(|field| field.required && !own.iter().any(|(id, _)| *id == field.id));
    missing.map_or(Ok(()), |field| {
        Err(Failure::invalid(
            "customFields",
            format!("`{}` is missing: it takes {}", field.name, wanted(field)),
        ))
    })
}

/// What changed, by the fields' names.
pub(crate) fn differences<'a>(
    fields: &'a [CustomFieldRecord],
    before: &'a [(String, Value)],
    after: &'a [(String, Value)],
) -> impl Iterator<Item = Change> + 'a {
    let text = |values: &[(String, Value)], id: &str| {
        let (_, value) = values.iter().find(|(own, _)| own == id)?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    };
    fields.iter().filter_map(move |field| {
        let (before, after) = (text(before, &field.id), text(after, &field.id));
        (before != after).then(|| Change {
            field: field.name.clone(),
            before,
            after,
        })
    })
}

fn fits(field: &CustomFieldRecord, value: &Value) -> bool {
    match field.kind {
        CustomFieldKind::Text => value.is_string(),
        CustomFieldKind::Number => value.is_number(),
        CustomFieldKind::Checkbox => value.is_boolean(),
        CustomFieldKind::Choice => value
            .as_str()
            .is_some_and(|value| field.options.iter().any(|option| option == value)),
    }
}

fn wanted(field: &CustomFieldRecord) -> String {
    match field.kind {
        CustomFieldKind::Text => "a text".into(),
        CustomFieldKind::Number => "a number".into(),
        CustomFieldKind::Checkbox => "true or false".into(),
        CustomFieldKind::Choice => format!("one of `{}`", field.options.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_takes_its_own_and_what_is_required_must_be_there() {
        let field = |id: &str, kind, required| CustomFieldRecord {
            id: id.into(),
            name: id.to_uppercase(),
            kind,
            options: vec!["Fish".into(), "Vegan".into()],
            required,
        };
        let fields = [
            field("text", CustomFieldKind::Text, false),
            field("number", CustomFieldKind::Number, false),
            field("checkbox", CustomFieldKind::Checkbox, true),
            field("choice", CustomFieldKind::Choice, false),
        ];
        let given = |values: &[(&str, Value)]| {
            let values = values.iter().map(|(field, value)| CustomFieldValueInput {
                field: (*field).into(),
                value: value.clone(),
            });
            Some(values.collect::<Vec<_>>())
        };
        let mut own = Vec::new();
        let missing = set(&fields, &mut own, None);
        assert!(
            matches!(
                &missing,
                Err(Failure::InvalidInput { message, .. })
                    if message == "`CHECKBOX` is missing: it takes true or false"
            ),
            "{missing:?}"
        );
        let all = [
            ("text", json!("A")),
            ("number", json!(1.5)),
            ("checkbox", json!(false)),
            ("choice", json!("Fish")),
        ];
        set(&fields, &mut own, given(&all)).expect("each its own");
        let before = own.clone();
        for (field, value) in [
            ("text", json!(1)),
            ("number", json!("1")),
            ("checkbox", json!("yes")),
            ("choice", json!("Meat")),
            ("other", json!(1)),
        ] {
            assert!(
                set(&fields, &mut own, given(&[(field, value)])).is_err(),
                "{field}"
            );
        }
        assert_eq!(own, before);
        set(&fields, &mut own, given(&[("choice", json!("Vegan"))])).expect("an option");
        let changes: Vec<Change> = differences(&fields, &before, &own).collect();
        assert_eq!(changes.len(), 1);
        assert_eq!(
            (
                changes[0].field.as_str(),
                changes[0].before.as_deref(),
                changes[0].after.as_deref()
            ),
            ("CHOICE", Some("Fish"), Some("Vegan"))
        );
    }
}
