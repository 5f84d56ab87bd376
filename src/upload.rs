//! A file as the value of a variable: [`Upload`].
//!
//! Enter at its constructors. [`Upload::open`] begins to read one; `http/form.rs` sends it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_util::io::ReaderStream;

/// How much of a file is read at once.
const PIECE: usize = 256 << 10;

/// A file to send: the type of a variable or an input field whose scalar is mapped to it.
///
/// ```
/// # attendium::graphql!(
/// #     schema = "schema/example.graphql",
/// #     scalar = "Upload=attendium::Upload",
/// #     "
/// #     mutation ImportGuests($file: Upload!) { importGuests(file: $file) }
/// #     "
/// # );
/// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
/// use attendium::Upload;
///
/// // build.rs has: .scalar("Upload", "attendium::Upload")
/// let file = Upload::from_path("guests.csv").content_type("text/csv");
/// session.run(&ImportGuests::new(file)).await?;
/// # Ok(()) }
/// ```
///
/// An operation with a file is sent as the [GraphQL multipart request specification][spec] says,
/// and the file as it is read: it is never whole in memory. The request has a `Content-Length`
/// where the length of every file is known. While files are sent,
/// [`Limits::timeout`](crate::transport::Limits::timeout) begins anew with each piece.
///
/// A file and bytes are read again where the request is sent again. A stream can be read once: a
/// request that has sent any of it is not repeated. In a variable or a field of another type, such
/// as JSON, there can be no file.
///
/// Clones are cheap, and two clones in one operation are sent once.
///
/// [spec]: https://github.com/jaydenseric/graphql-multipart-request-spec
#[derive(Clone)]
#[must_use]
pub struct Upload {
    source: Source,
    file_name: String,
    content_type: String,
    progress: Option<Arc<dyn Fn(UploadProgress) + Send + Sync>>,
}

#[derive(Clone)]
enum Source {
    Path(Arc<Path>),
    Bytes(Bytes),
    Stream {
        /// Taken by the first request that reads it.
        unread: Arc<Mutex<Option<FileContent>>>,
        length: Option<u64>,
    },
}

/// The bytes of a file, piece by piece.
pub(crate) type FileContent = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// How much of a file was sent: see [`Upload::on_progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// How many bytes the HTTP client has taken.
    pub sent: u64,
    /// How many there are, where that is known.
    pub length: Option<u64>,
}

impl Upload {
    /// The file at this path, which is opened when the operation runs. The name that the server
    /// sees is the path's last part.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::new(file_name.into_owned(), Source::Path(path.into()))
    }

    /// Bytes that are in memory, as a file of this name.
    pub fn from_bytes(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(file_name.into(), Source::Bytes(bytes.into()))
    }

    /// A stream of bytes, as a file of this name. It is read once.
    ///
    /// ```
    /// use attendium::Upload;
    /// use bytes::Bytes;
    ///
    /// # use std::io::Result;
    /// # fn example(rows: impl futures_core::Stream<Item = Result<Bytes>> + Send + 'static) {
    /// let file = Upload::from_stream("guests.csv", rows).length(1_048_576);
    /// # }
    /// ```
    pub fn from_stream<S, E>(file_name: impl Into<String>, stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self::once(file_name.into(), Box::pin(Adapted(Box::pin(stream))))
    }

    /// What a reader gives, as a file of this name: standard input, another process's output. It is
    /// read once.
    ///
    /// ```
    /// # fn example(stream: tokio::net::TcpStream) {
    /// let file = attendium::Upload::from_reader("badges.zip", stream);
    /// # }
    /// ```
    pub fn from_reader(
        file_name: impl Into<String>,
        reader: impl AsyncRead + Send + 'static,
    ) -> Self {
        let stream = ReaderStream::with_capacity(reader, PIECE);
        Self::once(file_name.into(), Box::pin(stream))
    }

    fn once(file_name: String, content: FileContent) -> Self {
        let unread = Arc::new(Mutex::new(Some(content)));
        let length = None;
        Self::new(file_name, Source::Stream { unread, length })
    }

    fn new(file_name: String, source: Source) -> Self {
        Self {
            source,
            file_name,
            content_type: "application/octet-stream".into(),
            progress: None,
        }
    }

    /// Sends another file name.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    /// Says of what type the file is, such as `text/csv`. `application/octet-stream` by default.
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = media_type.into();
        self
    }

    /// Says how many bytes a stream has, so that the request can have a `Content-Length`. A stream
    /// of another length is an error. Of a file and of bytes it is known.
    pub fn length(mut self, bytes: u64) -> Self {
        if let Source::Stream { length, .. } = &mut self.source {
            *length = Some(bytes);
        }
        self
    }

    /// Calls this after each piece that is sent, on the task that sends it. Where the request is
    /// sent again, it begins anew.
    ///
    /// ```
    /// use attendium::Upload;
    ///
    /// let file = Upload::from_path("badges.zip").on_progress(|progress| {
    ///     if let Some(length) = progress.length {
    ///         eprint!("\r{} %", progress.sent * 100 / length.max(1));
    ///     }
    /// });
    /// ```
    pub fn on_progress(mut self, call: impl Fn(UploadProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(call));
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.file_name
    }

    pub(crate) fn media_type(&self) -> &str {
        &self.content_type
    }

    pub(crate) fn tell_progress(&self, progress: UploadProgress) {
        if let Some(call) = &self.progress {
            call(progress);
        }
    }

    /// Whether it can be opened: a stream was not read yet.
    pub(crate) fn can_be_read(&self) -> bool {
        match &self.source {
            Source::Path(_) | Source::Bytes(_) => true,
            Source::Stream { unread, .. } => lock(unread).is_some(),
        }
    }

    /// Begins to read it, and finds out its length. A stream stays unread until its first piece is
    /// asked for.
    pub(crate) async fn open(&self) -> io::Result<(FileContent, Option<u64>)> {
        Ok(match &self.source {
            Source::Path(path) => open_file(path).await?,
            Source::Bytes(bytes) => {
                let length = bytes.len() as u64;
                (Box::pin(Whole(bytes.clone())), Some(length))
            }
            Source::Stream { .. } if !self.can_be_read() => return Err(was_read()),
            Source::Stream { unread, length } => {
                let content = Once {
                    unread: Arc::clone(unread),
                    content: None,
                };
                (Box::pin(content), *length)
            }
        })
    }
}

/// A regular file is read up to the length that it has now.
async fn open_file(path: &Path) -> io::Result<(FileContent, Option<u64>)> {
    let file = tokio::fs::File::open(path).await?;
    let metadata = file.metadata().await?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let length = metadata.is_file().then_some(metadata.len());
    let file = file.take(length.unwrap_or(u64::MAX));
    Ok((Box::pin(ReaderStream::with_capacity(file, PIECE)), length))
}

fn was_read() -> io::Error {
    io::Error::other("the stream was read already, and can't be sent again")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Upload {
    /// Shows no content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Upload");
        shown.field("file_name", &self.file_name);
        match &self.source {
            Source::Path(path) => shown.field("path", path),
            Source::Bytes(bytes) => shown.field("length", &bytes.len()),
            Source::Stream { length, .. } => shown.field("length", length),
        };
        shown.field("content_type", &self.content_type).finish()
    }
}

/// Two are equal if they name the same path, hold the same bytes or are clones of one stream, and
/// have the same name and type.
impl PartialEq for Upload {
    fn eq(&self, other: &Self) -> bool {
        let same_source = match (&self.source, &other.source) {
            (Source::Path(one), Source::Path(other)) => one == other,
            (Source::Bytes(one), Source::Bytes(other)) => one == other,
            (Source::Stream { unread: one, .. }, Source::Stream { unread: other, .. }) => {
                Arc::ptr_eq(one, other)
            }
            _ => false,
        };
        same_source
            && (&self.file_name, &self.content_type) == (&other.file_name, &other.content_type)
    }
}

impl Eq for Upload {}

/// Bytes that are all there.
struct Whole(Bytes);

impl Stream for Whole {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let length = self.0.len().min(PIECE);
        Poll::Ready((length > 0).then(|| Ok(self.0.split_to(length))))
    }
}

/// A stream that is taken from its upload when it is read for the first time.
struct Once {
    unread: Arc<Mutex<Option<FileContent>>>,
    content: Option<FileContent>,
}

impl Stream for Once {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.content.is_none() {
            let taken = lock(&self.unread).take();
            self.content = taken;
        }
        match &mut self.content {
            Some(content) => content.as_mut().poll_next(context),
            None => Poll::Ready(Some(Err(was_read()))),
        }
    }
}

/// A stream with another type of error.
struct Adapted<S>(Pin<Box<S>>);

impl<S, E> Stream for Adapted<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = self.0.as_mut().poll_next(context);
        item.map_err(|error| match error.into().downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        })
    }
}
