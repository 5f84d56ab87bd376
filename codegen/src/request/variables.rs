//! The variables of one request: read by their types, and checked as a server would (GraphQL,
//! section 6.1.2), with the place of each mistake. Enter at [`read`].

use crate::diagnostics::{Diagnostic, near_miss};
use apollo_compiler::ast::{self, Type, VariableDefinition};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Node, Schema};
use serde_json::{Map, Value};

/// How deep a value may be: a server takes no more, and a check must end.
const DEPTH: usize = 100;

/// The variables of one request, checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestVariables {
    /// Their values, as they are sent.
    pub values: Map<String, Value>,
    /// Where in them a file stands whose path the value is: JSON pointers (RFC 6901).
    pub files: Vec<String>,
}

/// The JSON pointer of a place that an error calls `$badge.photos[0]`.
fn pointer(path: &str) -> String {
    path.replace(']', "").replace(['$', '.', '['], "/")
}

/// Reads and checks the variables that an operation declares.
pub fn read(
    declared: &[Node<VariableDefinition>],
    schema: Option<&Schema>,
    mut values: Map<String, Value>,
    texts: &[(String, String)],
) -> Result<RequestVariables, Vec<Diagnostic>> {
    let mut check = Check {
        schema,
        files: Vec::new(),
        errors: Vec::new(),
    };
    let names = || declared.iter().map(|each| each.name.as_str());
    let find = |name: &str| declared.iter().find(|each| each.name == name);
    for name in values.keys().filter(|name| find(name).is_none()) {
        check.errors.push(unknown(name, names()));
    }
    let mut said: Vec<&str> = Vec::new();
    for (name, text) in texts {
        let name = name.trim_start_matches('$');
        let Some(variable) = find(name) else {
            check.errors.push(unknown(name, names()));
            continue;
        };
        let is_again = said.contains(&name);
        said.push(name);
        match check.read_text(&variable.ty, text, &format!("${name}")) {
            None => {}
            // Each text is an item.
            Some(Value::Array(items)) if is_again && is_list(&variable.ty) => {
                if let Some(Value::Array(before)) = values.get_mut(name) {
                    before.extend(items);
                }
            }
            Some(_) if is_again => check.error(
                format!("`${name}` is given more than once"),
                "give each variable one value, or declare it as a list",
            ),
            Some(value) => {
                values.insert(name.to_owned(), value);
            }
        }
    }
    for variable in declared {
        let (name, ty) = (variable.name.as_str(), &variable.ty);
        let path = format!("${name}");
        match values.get(name) {
            Some(value) => check.value(ty, value, &path, DEPTH),
            None if said.contains(&name) => {}
            None if ty.is_non_null() && variable.default_value.is_none() => check.error(
                format!("`{path}` has no value, and its type is `{ty}`"),
                &format!("give it with `--var {name}=…`, or with `--variables`"),
            ),
            None => {}
        }
    }
    if check.errors.is_empty() {
        let files = check.files;
        Ok(RequestVariables { values, files })
    } else {
        Err(check.errors)
    }
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let all: Vec<String> = known.clone().map(|name| format!("`${name}`")).collect();
    let error = Diagnostic::error(format!("the operation has no variable `${name}`"));
    error.with_help(match (near_miss(name, known), all.is_empty()) {
        (Some(near), _) => format!("did you mean `${near}`?"),
        (None, true) => "it declares none: leave it out".into(),
        (None, false) => format!("it declares {}", all.join(", ")),
    })
}

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::NonNullList(_))
}

/// What a name stands for, as far as it is known.
enum Named<'a> {
    Int,
    Float,
    Boolean,
    /// `String`, which takes text alone, or `ID`, which takes whole numbers too.
    Text {
        is_id: bool,
    },
    Enum(Vec<&'a str>),
    Input(&'a InputObjectType),
    /// A file, by the convention of the multipart request specification.
    Upload,
    /// A custom scalar, or a name that no schema explains.
    Unknown,
}

struct Check<'a> {
    schema: Option<&'a Schema>,
    /// The places of files: see [`RequestVariables`].
    files: Vec<String>,
    errors: Vec<Diagnostic>,
}

impl<'a> Check<'a> {
    fn error(&mut self, message: String, help: &str) {
        self.errors.push(Diagnostic::error(message).with_help(help));
    }

    fn named(&self, name: &str) -> Named<'a> {
        match name {
            "Int" => return Named::Int,
            "Float" => return Named::Float,
            "Boolean" => return Named::Boolean,
            "String" => return Named::Text { is_id: false },
            "ID" => return Named::Text { is_id: true },
            _ => {}
        }
        match self.schema.and_then(|schema| schema.types.get(name)) {
            Some(ExtendedType::Enum(of)) => {
                Named::Enum(of.values.keys().map(|value| value.as_str()).collect())
            }
            Some(ExtendedType::InputObject(of)) => Named::Input(of),
            _ if name == "Upload" => Named::Upload,
            _ => Named::Unknown,
        }
    }

    /// A value from the text of a flag. None where it is none, which was said.
    fn read_text(&mut self, ty: &Type, text: &str, path: &str) -> Option<Value> {
        let named = self.named(ty.inner_named_type());
        let as_json = || serde_json::from_str(text).ok().or_else(|| literal(text));
        let is_null = text == "null" && !ty.is_non_null();
        if is_list(ty) {
            if let Some(list @ (Value::Array(_) | Value::Null)) = as_json() {
                return Some(list);
            }
            let item = self.read_text(ty.item_type(), text, path)?;
            return Some(Value::Array(vec![item]));
        }
        let needs_json = |what: &str| {
            let error = Diagnostic::error(format!(
                "`{path}` is {what}, and `{text}` is neither JSON nor a value of GraphQL"
            ));
            error.with_help(
                "write an object, as '{\"first\": 10}' or '{first: 10}'; in a shell, in single \
                 quotes",
            )
        };
        match named {
            Named::Text { .. } => Some(Value::String(text.to_owned())),
            Named::Enum(_) if is_null => Some(Value::Null),
            Named::Enum(_) => Some(Value::String(text.to_owned())),
            Named::Upload if is_null => Some(Value::Null),
            Named::Upload => Some(Value::String(text.to_owned())),
            Named::Unknown => Some(as_json().unwrap_or_else(|| Value::String(text.to_owned()))),
            // What is no JSON is checked as text, which says what the type takes.
            Named::Int | Named::Float | Named::Boolean => {
                Some(as_json().unwrap_or_else(|| Value::String(text.to_owned())))
            }
            Named::Input(of) => match as_json() {
                Some(value) => Some(value),
                None => {
                    let what = format!("of the input type `{}`", of.name);
                    self.errors.push(needs_json(&what));
                    None
                }
            },
        }
    }

    /// Checks a value against its type.
    fn value(&mut self, ty: &Type, value: &Value, path: &str, depth: usize) {
        if value.is_null() {
            if ty.is_non_null() {
                self.error(
                    format!("`{path}` is null, and its type is `{ty}`"),
                    "give it a value",
                );
            }
            return;
        }
        if depth == 0 {
            let help = "give it fewer levels";
            return self.error(format!("`{path}` is nested too deeply"), help);
        }
        if is_list(ty) {
            match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(ty.item_type(), item, &format!("{path}[{index}]"), depth - 1);
                    }
                }
                // One value stands for a list of it (section 3.11).
                one => self.value(ty.item_type(), one, path, depth - 1),
            }
            return;
        }
        let wants = |what: &str| {
            format!(
                "`{path}` is `{}`, and its type `{ty}` takes {what}",
                cut(value)
            )
        };
        match self.named(ty.inner_named_type()) {
            Named::Int => {
                let fits = value.as_i64().is_some_and(|n| i32::try_from(n).is_ok())
                    || value.as_f64().is_some_and(|n| {
                        n.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&n)
                    });
                if !fits {
                    let what = "a whole number of 32 bits";
                    self.error(wants(what), "give such a number");
                }
            }
            Named::Float if !value.is_number() => self.error(wants("a number"), "give a number"),
            Named::Boolean if !value.is_boolean() => {
                self.error(wants("`true` or `false`"), "give one of the two");
            }
            Named::Text { is_id } => {
                let is_whole = value.is_i64() || value.is_u64();
                if !(value.is_string() || is_id && is_whole) {
                    self.error(wants("text"), "put it into double quotes, within the JSON");
                }
            }
            Named::Enum(values) => {
                let name = value.as_str().unwrap_or_default();
                if !values.contains(&name) {
                    let help = match near_miss(name, values.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("its values are {}", values.join(", ")),
                    };
                    self.error(wants("one of its values"), &help);
                }
            }
            Named::Input(of) => match value {
                Value::Object(fields) => self.object(of, fields, path, depth - 1),
                _ => self.error(wants("an object"), "give a JSON object"),
            },
            Named::Upload if value.is_string() => self.files.push(pointer(path)),
            Named::Upload => self.error(wants("a file"), "give the file's path, as text"),
            Named::Float | Named::Boolean | Named::Unknown => {}
        }
    }

    fn object(
        &mut self,
        of: &InputObjectType,
        fields: &Map<String, Value>,
        path: &str,
        depth: usize,
    ) {
        for (name, value) in fields {
            let path = format!("{path}.{name}");
            match of.fields.get(name.as_str()) {
                Some(field) => self.value(&field.ty, value, &path, depth),
                None => {
                    let known = of.fields.keys().map(|name| name.as_str());
                    let all: Vec<&str> = known.clone().collect();
                    let help = match near_miss(name, known) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("its fields are {}", all.join(", ")),
                    };
                    self.error(format!("`{path}` is no field of `{}`", of.name), &help);
                }
            }
        }
        for (name, field) in &of.fields {
            if field.is_required() && !fields.contains_key(name.as_str()) {
                self.error(
                    format!(
                        "`{path}.{name}` has no value, and its type is `{}`",
                        field.ty
                    ),
                    "give it a value",
                );
            }
        }
        let given = fields.values().filter(|value| !value.is_null()).count();
        if of.directives.has("oneOf") && (given != 1 || fields.len() != 1) {
            let all: Vec<&str> = of.fields.keys().map(|name| name.as_str()).collect();
            self.error(
                format!(
                    "`{path}` takes exactly one field of `{}`, not null",
                    of.name
                ),
                &format!("give one of {}", all.join(", ")),
            );
        }
    }
}

/// A list or an object as GraphQL writes it (section 2.9), such as `{status: [ARRIVED]}`.
fn literal(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['[', '{']) {
        return None;
    }
    // The line break ends a comment.
    let document = format!("{{f(v:{text}\n)}}");
    let tree = ast::Document::parse(document, "").ok()?;
    let [ast::Definition::OperationDefinition(operation)] = tree.definitions.as_slice() else {
        return None;
    };
    let [ast::Selection::Field(field)] = operation.selection_set.as_slice() else {
        return None;
    };
    let [argument] = field.arguments.as_slice() else {
        return None;
    };
    let is_all = field.directives.is_empty() && field.selection_set.is_empty();
    is_all.then(|| to_json(&argument.value)).flatten()
}

/// A value of GraphQL as a variable's. None where it has variables itself.
fn to_json(value: &ast::Value) -> Option<Value> {
    Some(match value {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(name) => name.as_str().into(),
        ast::Value::Variable(_) => return None,
        ast::Value::String(text) => text.as_str().into(),
        ast::Value::Float(number) => serde_json::from_str(number.as_str()).ok()?,
        ast::Value::Int(number) => serde_json::from_str(number.as_str()).ok()?,
        ast::Value::Boolean(value) => (*value).into(),
        ast::Value::List(items) => items
            .iter()
            .map(|item| to_json(item))
            .collect::<Option<_>>()?,
        ast::Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| Some((name.to_string(), to_json(value)?)));
            Value::Object(fields.collect::<Option<_>>()?)
        }
    })
}

/// A value as JSON, cut where it is long.
fn cut(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
