//! Files among the variables of `attendium query`. Enter at [`Variables::new`].

use crate::progress::Progress;
use attendium::rt::{Write as _, Writer};
use attendium::{Json, Upload, UploadProgress};
use attendium_codegen::RequestVariables;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The variables of a request, with the files whose paths they are.
pub struct Variables {
    values: Json,
    /// By the JSON pointer of their place.
    files: BTreeMap<String, Upload>,
    /// What is being sent.
    status: Arc<Mutex<String>>,
}

impl Variables {
    pub fn new(variables: RequestVariables) -> Self {
        let values = Json::Object(variables.values);
        let status = Arc::new(Mutex::new(String::from("Waiting for the server")));
        let files = variables.files.into_iter().filter_map(|place| {
            let path = values.pointer(&place)?.as_str()?;
            let upload = upload(path, Arc::clone(&status));
            Some((place, upload))
        });
        Self {
            files: files.collect(),
            values,
            status,
        }
    }

    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Shows how much of the files was sent.
    pub fn show_progress(&self) -> Progress {
        let status = Arc::clone(&self.status);
        Progress::start_with(move || lock(&status).clone())
    }

    pub fn write(&self, out: &mut Writer) {
        self.write_value(&self.values, "", out);
    }

    fn write_value(&self, value: &Json, place: &str, out: &mut Writer) {
        if let Some(file) = self.files.get(place) {
            return file.write(out);
        }
        match value {
            Json::Array(items) if self.has_files() => {
                let mut index = 0..;
                out.list(items, |item, out| {
                    let index = index.next().unwrap_or_default();
                    self.write_value(item, &format!("{place}/{index}"), out);
                });
            }
            Json::Object(members) if self.has_files() => {
                out.raw("{");
                for (index, (name, value)) in members.iter().enumerate() {
                    out.raw(if index == 0 { "" } else { "," });
                    out.string(name);
                    out.raw(":");
                    self.write_value(value, &format!("{place}/{name}"), out);
                }
                out.raw("}");
            }
            value => value.write(out),
        }
    }
}

/// The file at a path, which may have an `@` before it as in curl; `-` is standard input.
fn upload(path: &str, status: Arc<Mutex<String>>) -> Upload {
    let path = path.strip_prefix('@').unwrap_or(path);
    let upload = if path == "-" {
        Upload::from_reader("stdin", tokio::io::stdin())
    } else {
        let media_type = mime_guess::from_path(path).first_or_octet_stream();
        Upload::from_path(path).content_type(media_type.essence_str())
    };
    let name = path.to_owned();
    upload.on_progress(move |UploadProgress { sent, length, .. }| {
        *lock(&status) = match length {
            Some(length) if sent < length => {
                format!("Sending {name}: {} %", sent.saturating_mul(100) / length)
            }
            Some(_) => String::from("Waiting for the server"),
            None => format!("Sending {name}: {} KiB", sent / 1024),
        };
    })
}

fn lock(status: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    status.lock().unwrap_or_else(PoisonError::into_inner)
}
