//! A model of a server: data, who of several fragments selects what of it, and the parts in which
//! it is sent. Enter at [`Model::parts`].
//!
//! A *group* is what arrives at once: the first part, a fragment under `@defer`, or an item of a
//! list under `@stream`. A field may be of several groups, as fragments share fields; then it is
//! sent with each of them, or with the first of them alone, as the format has it.

use std::collections::HashSet;
use std::fmt::Write as _;

/// Numbers that look random, the same for the same seed (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    V2020,
    V2022,
    V02,
}

pub struct Model {
    root: Vec<Field>,
    groups: Vec<Group>,
}

struct Field {
    key: String,
    /// The groups that select it.
    owners: Vec<usize>,
    value: Data,
}

enum Data {
    Leaf(String),
    Object(Vec<Field>),
    /// The items; of a list under `@stream`, the groups of those that come later.
    List(Vec<Data>, Vec<usize>),
}

struct Group {
    /// What has to be sent before; the first part has none.
    after: Option<usize>,
    path: Vec<Step>,
    kind: Kind,
}

enum Kind {
    First,
    Defer(String),
    /// The list's path is the group's, without the index that ends it.
    Item {
        is_last: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    Key(String),
    Index(usize),
}

const LEAVES: [&str; 10] = [
    "null",
    "true",
    "1",
    "-0.5e3",
    "12345678901234567890123",
    "\"\"",
    "\"a \\\"b\\\" é\"",
    "\"\\u00e9\"",
    "{\"json\":[1,{\"a\":null}]}",
    "[[],[{}]]",
];

impl Model {
    pub fn new(random: &mut Random) -> Self {
        let first = Group {
            after: None,
            path: Vec::new(),
            kind: Kind::First,
        };
        let mut model = Self {
            root: Vec::new(),
            groups: vec![first],
        };
        model.root = model.object(random, &mut Vec::new(), &[0], 0);
        model
    }

    fn object(
        &mut self,
        random: &mut Random,
        path: &mut Vec<Step>,
        owners: &[usize],
        depth: usize,
    ) -> Vec<Field> {
        let mut owners = owners.to_vec();
        for _ in 0..random.below(3) {
            let after = owners[random.below(owners.len())];
            let number = self.groups.len();
            self.groups.push(Group {
                after: Some(after),
                path: path.clone(),
                kind: Kind::Defer(format!("label {number}")),
            });
            owners.push(number);
        }
        let count = 1 + random.below(4);
        (0..count)
            .map(|index| {
                let key = format!("{}{index}", ["a", "name", "createdAt"][random.below(3)]);
                let mut of_field: Vec<usize> = owners
                    .iter()
                    .copied()
                    .filter(|_| random.below(3) == 0)
                    .collect();
                if of_field.is_empty() {
                    of_field.push(owners[random.below(owners.len())]);
                }
                path.push(Step::Key(key.clone()));
                let value = self.value(random, path, &of_field, depth + 1);
                path.pop();
                Field {
                    key,
                    owners: of_field,
                    value,
                }
            })
            .collect()
    }

    fn value(
        &mut self,
        random: &mut Random,
        path: &mut Vec<Step>,
        owners: &[usize],
        depth: usize,
    ) -> Data {
        match random.below(if depth > 3 { 4 } else { 8 }) {
            0..4 => Data::Leaf(LEAVES[random.below(LEAVES.len())].to_owned()),
            4 | 5 => Data::Object(self.object(random, path, owners, depth)),
            _ => {
                let length = random.below(4);
                // Two selections of one list under `@stream` are refused by servers.
                let initial = match owners {
                    [_] if random.below(2) == 0 => random.below(length + 1),
                    _ => length,
                };
                let mut later = Vec::new();
                let items = (0..length)
                    .map(|index| {
                        path.push(Step::Index(index));
                        let mut of_item = owners.to_vec();
                        if index >= initial {
                            let after = later.last().copied().unwrap_or(owners[0]);
                            later.push(self.groups.len());
                            of_item = vec![self.groups.len()];
                            self.groups.push(Group {
                                after: Some(after),
                                path: path.clone(),
                                kind: Kind::Item {
                                    is_last: index + 1 == length,
                                },
                            });
                        }
                        let item = self.value(random, path, &of_item, depth + 1);
                        path.pop();
                        item
                    })
                    .collect();
                Data::List(items, later)
            }
        }
    }

    /// The answer of a server that knows neither directive.
    pub fn plain(&self) -> String {
        fn write(out: &mut String, data: &Data) {
            match data {
                Data::Leaf(text) => out.push_str(text),
                Data::Object(fields) => object(out, fields),
                Data::List(items, _) => {
                    out.push('[');
                    for (at, item) in items.iter().enumerate() {
                        out.push_str(if at > 0 { "," } else { "" });
                        write(out, item);
                    }
                    out.push(']');
                }
            }
        }
        fn object(out: &mut String, fields: &[Field]) {
            out.push('{');
            for (at, field) in fields.iter().enumerate() {
                let _ = write!(out, "{}\"{}\":", if at > 0 { "," } else { "" }, field.key);
                write(out, &field.value);
            }
            out.push('}');
        }
        let mut out = String::new();
        object(&mut out, &self.root);
        out
    }

    /// The parts in one of the orders that the groups allow.
    pub fn parts(&self, format: Format, random: &mut Random) -> Vec<String> {
        let mut sender = Sender {
            model: self,
            format,
            sent: HashSet::new(),
            delivered: HashSet::new(),
            pending: Vec::new(),
            completed: Vec::new(),
        };
        let data = sender.data_of(0);
        sender.delivered.insert(0);
        let mut first = format!("\"data\":{data}");
        let mut parts = Vec::new();
        if format == Format::V02 {
            sender.announce(0);
        }
        // A first part may hold more than the first data.
        let more = random.below(6) == 0;
        if format != Format::V2020 && more {
            first.push_str(&sender.later(random));
        }
        first.push_str(&sender.take_pending());
        parts.push(first);
        while sender.delivered.len() < self.groups.len() || !sender.completed.is_empty() {
            parts.push(sender.later(random).trim_start_matches(',').to_owned());
        }
        let last = parts.len() - 1;
        let says_next = random.below(5) > 0;
        let parts = parts.into_iter().enumerate();
        parts
            .map(|(at, part)| match says_next {
                true => format!("{{{part},\"hasNext\":{}}}", at < last),
                false => format!("{{{part}}}"),
            })
            .collect()
    }
}

/// What was sent so far.
struct Sender<'m> {
    model: &'m Model,
    format: Format,
    /// The paths of the values that were sent.
    sent: HashSet<Vec<Step>>,
    delivered: HashSet<usize>,
    pending: Vec<String>,
    /// Ids whose completion is still to be sent.
    completed: Vec<String>,
}

impl Sender<'_> {
    /// The members of a later part, with a comma in front.
    fn later(&mut self, random: &mut Random) -> String {
        let most = if self.format == Format::V2020 {
            1
        } else {
            1 + random.below(3)
        };
        let mut entries = Vec::new();
        for _ in 0..most {
            let ready: Vec<usize> = (0..self.model.groups.len())
                .filter(|group| !self.delivered.contains(group))
                .filter(|group| {
                    let after = self.model.groups[*group].after;
                    after.is_some_and(|after| self.delivered.contains(&after))
                })
                .collect();
            if !ready.is_empty() {
                let group = ready[random.below(ready.len())];
                entries.extend(self.entries(group, random));
                self.delivered.insert(group);
                if self.format == Format::V02 {
                    self.announce(group);
                }
            }
        }
        let mut out = String::new();
        match self.format {
            Format::V2020 => {
                // The members of the entry stand at the top.
                for entry in &entries {
                    let _ = write!(out, ",{}", &entry[1..entry.len() - 1]);
                }
            }
            _ if entries.is_empty() => {}
            _ => {
                let _ = write!(out, ",\"incremental\":[{}]", entries.join(","));
            }
        }
        out.push_str(&self.take_pending());
        // Some of the completions wait for another part.
        let all = self.delivered.len() == self.model.groups.len();
        let count = match self.completed.len() {
            0 => 0,
            length if all => length,
            length => random.below(length + 1),
        };
        let completed: Vec<String> = self.completed.drain(..count).collect();
        if !completed.is_empty() {
            let _ = write!(out, ",\"completed\":[{}]", completed.join(","));
        }
        if out.is_empty() {
            out.push_str(",\"extensions\":{}");
        }
        out
    }

    /// Announces what comes after a group.
    fn announce(&mut self, group: usize) {
        for (number, next) in self.model.groups.iter().enumerate() {
            if next.after != Some(group) {
                continue;
            }
            match &next.kind {
                Kind::First => {}
                Kind::Defer(label) => self.pending.push(format!(
                    "{{\"id\":\"{number}\",\"path\":{},\"label\":\"{label}\"}}",
                    json_path(&next.path)
                )),
                // The first of the later items stands for its list.
                Kind::Item { .. } if self.list_of(number) == number => {
                    let list = &next.path[..next.path.len() - 1];
                    self.pending.push(format!(
                        "{{\"path\":{},\"id\":\"{number}\"}}",
                        json_path(list)
                    ));
                }
                Kind::Item { .. } => {}
            }
        }
    }

    fn take_pending(&mut self) -> String {
        match std::mem::take(&mut self.pending) {
            none if none.is_empty() => String::new(),
            pending => format!(",\"pending\":[{}]", pending.join(",")),
        }
    }

    /// The group of the first later item of a list.
    fn list_of(&self, item: usize) -> usize {
        let list = |group: usize| {
            let path = &self.model.groups[group].path;
            &path[..path.len() - 1]
        };
        let mut first = item;
        while let Some(after) = self.model.groups[first].after
            && matches!(self.model.groups[after].kind, Kind::Item { .. })
            && list(after) == list(item)
        {
            first = after;
        }
        first
    }

    /// What is sent for a group.
    fn entries(&mut self, group: usize, random: &mut Random) -> Vec<String> {
        let Group { path, kind, .. } = &self.model.groups[group];
        match (kind, self.format) {
            (Kind::First, _) => Vec::new(),
            (Kind::Item { is_last }, format) => {
                let item = self.data_of(group);
                match format {
                    Format::V2020 => {
                        vec![format!("{{\"path\":{},\"data\":{item}}}", json_path(path))]
                    }
                    Format::V2022 => {
                        vec![format!(
                            "{{\"path\":{},\"items\":[{item}]}}",
                            json_path(path)
                        )]
                    }
                    Format::V02 => {
                        let id = self.list_of(group);
                        if *is_last {
                            self.completed.push(format!("{{\"id\":\"{id}\"}}"));
                        }
                        vec![format!("{{\"items\":[{item}],\"id\":\"{id}\"}}")]
                    }
                }
            }
            (Kind::Defer(_), Format::V02) => {
                self.completed.push(format!("{{\"id\":\"{group}\"}}"));
                let mut entries = Vec::new();
                if random.below(2) == 0 {
                    self.by_sub_paths(group, &mut entries);
                } else {
                    entries.push(format!(
                        "{{\"id\":\"{group}\",\"data\":{}}}",
                        self.data_of(group)
                    ));
                }
                entries
            }
            (Kind::Defer(label), _) => vec![format!(
                "{{\"label\":\"{label}\",\"path\":{},\"data\":{}}}",
                json_path(path),
                self.data_of(group)
            )],
        }
    }

    /// A group's data, of which nothing is sent twice, an entry for each object that is there.
    fn by_sub_paths(&mut self, group: usize, entries: &mut Vec<String>) {
        let model = self.model;
        let base = model.groups[group].path.clone();
        let mut open: Vec<(Vec<Step>, &[Field])> = vec![(base.clone(), model.fields_at(&base))];
        while let Some((path, fields)) = open.pop() {
            let mut members = Vec::new();
            for field in fields.iter().filter(|field| field.owners.contains(&group)) {
                let mut at = path.clone();
                at.push(Step::Key(field.key.clone()));
                if self.sent.contains(&at) {
                    descend(&field.value, at, &mut open);
                } else {
                    let value = self.write(&field.value, &mut at, group);
                    members.push(format!("\"{}\":{value}", field.key));
                }
            }
            if !members.is_empty() {
                let sub = json_path(&path[base.len()..]);
                entries.push(format!(
                    "{{\"id\":\"{group}\",\"subPath\":{sub},\"data\":{{{}}}}}",
                    members.join(",")
                ));
            }
        }
    }

    /// A group's data, or the item of a list that it is.
    fn data_of(&mut self, group: usize) -> String {
        let model = self.model;
        let mut path = model.groups[group].path.clone();
        match &model.groups[group].kind {
            Kind::Item { .. } => self.write(model.data_at(&path), &mut path, group),
            _ => self.write_object(model.fields_at(&path), &mut path, group),
        }
    }

    /// A value as far as a group selects it.
    fn write(&mut self, data: &Data, path: &mut Vec<Step>, group: usize) -> String {
        self.sent.insert(path.clone());
        match data {
            Data::Leaf(text) => text.clone(),
            Data::Object(fields) => self.write_object(fields, path, group),
            Data::List(items, later) => {
                let initial = items.len() - later.len();
                let items: Vec<String> = items[..initial]
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        path.push(Step::Index(index));
                        let item = self.write(item, path, group);
                        path.pop();
                        item
                    })
                    .collect();
                format!("[{}]", items.join(","))
            }
        }
    }

    fn write_object(&mut self, fields: &[Field], path: &mut Vec<Step>, group: usize) -> String {
        let mut members = Vec::new();
        for field in fields.iter().filter(|field| field.owners.contains(&group)) {
            path.push(Step::Key(field.key.clone()));
            let value = self.write(&field.value, path, group);
            path.pop();
            members.push(format!("\"{}\":{value}", field.key));
        }
        format!("{{{}}}", members.join(","))
    }
}

/// The objects in a value that was sent.
fn descend<'d>(data: &'d Data, path: Vec<Step>, open: &mut Vec<(Vec<Step>, &'d [Field])>) {
    match data {
        Data::Leaf(_) => {}
        Data::Object(fields) => open.push((path, fields)),
        Data::List(items, later) => {
            for (index, item) in items[..items.len() - later.len()].iter().enumerate() {
                let mut path = path.clone();
                path.push(Step::Index(index));
                descend(item, path, open);
            }
        }
    }
}

impl Model {
    fn fields_at(&self, path: &[Step]) -> &[Field] {
        match path {
            [] => &self.root,
            path => match self.data_at(path) {
                Data::Object(fields) => fields,
                _ => panic!("a fragment is in an object"),
            },
        }
    }

    fn data_at(&self, path: &[Step]) -> &Data {
        let mut fields = self.root.as_slice();
        let mut data: Option<&Data> = None;
        for step in path {
            let next = match (step, data) {
                (Step::Index(index), Some(Data::List(items, _))) => &items[*index],
                (Step::Key(key), _) => {
                    &fields
                        .iter()
                        .find(|field| field.key == *key)
                        .expect("the key is there")
                        .value
                }
                _ => panic!("an index is into a list"),
            };
            if let Data::Object(inner) = next {
                fields = inner;
            }
            data = Some(next);
        }
        data.expect("the path is not empty")
    }
}

fn json_path(path: &[Step]) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Key(key) => format!("\"{key}\""),
            Step::Index(index) => index.to_string(),
        })
        .collect();
    format!("[{}]", steps.join(","))
}
