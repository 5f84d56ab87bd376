//! What a request sends: bytes, or a form with files ([GraphQL multipart request
//! specification][spec]). A form has the operation, the map that says which file belongs to which
//! variable, and the files, in the order of the map.
//!
//! Enter at [`Content`]. Nothing of a file is in memory but the piece that is sent.
//!
//! [spec]: https://github.com/jaydenseric/graphql-multipart-request-spec

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::error::{TransportError, TransportErrorKind};
use crate::json::writer::Writer;
use crate::operation::{Operation, body_and_uploads};
use crate::upload::{FileContent, Upload, UploadProgress};

use super::body::Body;
use super::transport::StreamedRequest;

/// What a request sends, each time that it is sent.
#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Bytes),
    Form(Arc<UploadForm>),
}

impl Content {
    /// What an operation sends.
    pub(crate) fn of<O: Operation>(operation: &O) -> Self {
        let (body, uploads) = body_and_uploads(operation);
        if uploads.is_empty() {
            Self::Bytes(body.into())
        } else {
            Self::Form(Arc::new(UploadForm::new(body, uploads)))
        }
    }

    /// Makes a request for one attempt, and tells when the last piece of its form was taken.
    pub(super) async fn open(
        request: Request<Self>,
    ) -> Result<(Request<Body>, Option<LastPiece>), TransportError> {
        let (head, content) = request.into_parts();
        let form = match content {
            Self::Bytes(bytes) => return Ok((Request::from_parts(head, bytes.into()), None)),
            Self::Form(form) => form,
        };
        let boundary = boundary()?;
        let last_piece = LastPiece::now();
        let body = form.open(&boundary, last_piece.clone()).await?;
        let mut request = Request::from_parts(head, body);
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let content_type = HeaderValue::try_from(content_type)
            .map_err(|error| TransportError::with_source(TransportErrorKind::Setup, error))?;
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        request.extensions_mut().insert(StreamedRequest);
        Ok((request, Some(last_piece)))
    }

    /// Whether there can be an attempt: no stream in it was read.
    pub(super) fn can_be_sent(&self) -> bool {
        match self {
            Self::Bytes(_) => true,
            Self::Form(form) => form.can_be_sent(),
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

/// When the last piece of a form was taken to be sent.
#[derive(Clone)]
pub(super) struct LastPiece(Arc<Mutex<Instant>>);

impl LastPiece {
    fn now() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn set_now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(super) fn time(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is sent of an operation with files.
pub(crate) struct UploadForm {
    operations: Vec<u8>,
    files: Vec<File>,
}

/// A file, and the paths of the variables that it is the value of.
struct File {
    upload: Upload,
    paths: Vec<String>,
}

impl UploadForm {
    /// A form of a request's JSON and the uploads in it, each with its path.
    fn new(operations: Vec<u8>, uploads: Vec<(String, Upload)>) -> Self {
        let mut files: Vec<File> = Vec::new();
        for (path, upload) in uploads {
            match files.iter_mut().find(|file| file.upload == upload) {
                Some(file) => file.paths.push(path),
                None => files.push(File {
                    upload,
                    paths: vec![path],
                }),
            }
        }
        Self { operations, files }
    }

    /// Whether every file can be read (again).
    fn can_be_sent(&self) -> bool {
        self.files.iter().all(|file| file.upload.can_be_read())
    }

    /// Opens the files, and makes a body that reads them one after the other.
    ///
    /// # Errors
    /// A file can't be opened: [`TransportErrorKind::Upload`], with the file's name.
    async fn open(&self, boundary: &str, last_piece: LastPiece) -> Result<Body, TransportError> {
        let mut segments = VecDeque::new();
        let mut length = Some(0u64);
        let mut text = self.fields(boundary);
        for (index, File { upload, .. }) in self.files.iter().enumerate() {
            let media_type = HeaderValue::try_from(upload.media_type()).map_err(|_| {
                let wrong = format!("{:?} is no media type", upload.media_type());
                of_file(upload, io::Error::new(io::ErrorKind::InvalidInput, wrong))
            })?;
            let opened = upload.open().await;
            let (content, of_content) = opened.map_err(|error| of_file(upload, error))?;
            begin_part(&mut text, boundary, &index.to_string(), Some(upload.name()));
            text.extend_from_slice(b"\r\nContent-Type: ");
            text.extend_from_slice(media_type.as_bytes());
            text.extend_from_slice(b"\r\n\r\n");
            length = add(length, text.len() as u64);
            segments.push_back(Segment::Text(std::mem::take(&mut text).into()));
            length = of_content.and_then(|of_content| add(length, of_content));
            segments.push_back(Segment::File(SentFile {
                upload: upload.clone(),
                content,
                progress: UploadProgress {
                    sent: 0,
                    length: of_content,
                },
            }));
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        length = add(length, text.len() as u64);
        segments.push_back(Segment::Text(text.into()));
        Ok(Body::new(FormBody {
            segments,
            length,
            last_piece,
        }))
    }

    /// The two fields before the files.
    fn fields(&self, boundary: &str) -> Vec<u8> {
        let mut map = Writer::default();
        for (index, file) in self.files.iter().enumerate() {
            map.raw(if index == 0 { "{\"" } else { ",\"" });
            map.raw(&index.to_string());
            map.raw("\":");
            map.list(&file.paths, |path, out| out.string(path));
        }
        map.raw("}");
        let mut text = Vec::with_capacity(self.operations.len() + 1024);
        for (name, json) in [("operations", &self.operations), ("map", &map.into_bytes())] {
            begin_part(&mut text, boundary, name, None);
            text.extend_from_slice(b"\r\nContent-Type: application/json\r\n\r\n");
            text.extend_from_slice(json);
            text.extend_from_slice(b"\r\n");
        }
        text
    }
}

/// Begins a part, up to its first header. File names are escaped as browsers do (HTML, section
/// 4.10.22.8).
fn begin_part(text: &mut Vec<u8>, boundary: &str, name: &str, file_name: Option<&str>) {
    let mut header = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"");
    if let Some(file_name) = file_name {
        header.push_str("; filename=\"");
        for character in file_name.chars() {
            match character {
                '"' => header.push_str("%22"),
                '\r' => header.push_str("%0D"),
                '\n' => header.push_str("%0A"),
                // No header has them.
                '\0'..='\x1f' | '\x7f' => header.push('_'),
                character => header.push(character),
            }
        }
        header.push('"');
    }
    text.extend_from_slice(header.as_bytes());
}

/// Text that stands in none of the files. It is unpredictable: who wrote a file can't end its part
/// in it, and begin one of their own.
fn boundary() -> Result<String, TransportError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| TransportError::with_source(TransportErrorKind::Setup, error))?;
    let mut boundary = String::from("attendium-");
    for byte in random {
        let _ = write!(boundary, "{byte:02x}");
    }
    Ok(boundary)
}

/// A length that is known as long as all its parts are.
fn add(length: Option<u64>, more: u64) -> Option<u64> {
    length?.checked_add(more)
}

/// An error with the name of the file that it is about.
fn of_file(upload: &Upload, error: io::Error) -> TransportError {
    let named = io::Error::new(error.kind(), format!("{}: {error}", upload.name()));
    TransportError::with_source(TransportErrorKind::Upload, named)
}

/// The form as it is sent.
struct FormBody {
    segments: VecDeque<Segment>,
    /// What is left, where it is known.
    length: Option<u64>,
    last_piece: LastPiece,
}

enum Segment {
    Text(Bytes),
    File(SentFile),
}

/// A file that is being sent.
struct SentFile {
    upload: Upload,
    content: FileContent,
    progress: UploadProgress,
}

impl SentFile {
    /// The next piece of the file, or none at its end.
    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        let UploadProgress { sent, length } = &mut self.progress;
        let piece = match std::task::ready!(self.content.as_mut().poll_next(context)) {
            Some(Ok(piece)) => piece,
            Some(Err(error)) => return Poll::Ready(Some(Err(of_file(&self.upload, error)))),
            None if length.is_none_or(|length| *sent == length) => return Poll::Ready(None),
            None => return Poll::Ready(Some(Err(self.wrong_length("fewer")))),
        };
        *sent = sent.saturating_add(piece.len() as u64);
        if length.is_some_and(|length| *sent > length) {
            return Poll::Ready(Some(Err(self.wrong_length("more"))));
        }
        self.upload.tell_progress(self.progress);
        Poll::Ready(Some(Ok(piece)))
    }

    fn wrong_length(&self, than: &str) -> TransportError {
        let length = self.progress.length.unwrap_or_default();
        let wrong = format!("it has {than} bytes than the {length} that were announced");
        of_file(
            &self.upload,
            io::Error::new(io::ErrorKind::InvalidData, wrong),
        )
    }
}

impl http_body::Body for FormBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        loop {
            let piece = match self.segments.front_mut() {
                None => return Poll::Ready(None),
                Some(Segment::Text(text)) => {
                    let text = std::mem::take(text);
                    (!text.is_empty()).then_some(Ok(text))
                }
                Some(Segment::File(file)) => std::task::ready!(file.poll_piece(context)),
            };
            let Some(piece) = piece else {
                self.segments.pop_front();
                continue;
            };
            self.last_piece.set_now();
            return Poll::Ready(Some(piece.map(|piece| {
                self.length = self
                    .length
                    .map(|length| length.saturating_sub(piece.len() as u64));
                Frame::data(piece)
            })));
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
