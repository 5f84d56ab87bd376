//! How a person is sent to the server and waited for.

use std::fmt;
use std::future::Future;
use std::io::{BufRead, Write as _};
use std::time::Duration;

use tokio::sync::mpsc;
use url::Url;

use crate::transport::Boxed;

/// How a login goes: who is shown the link, how long it waits, what it asks for.
///
/// ```no_run
/// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
/// use attendium::Login;
/// session.login(Login::browser().scopes(["guests:read"])).await?;
/// # Ok(()) }
/// ```
#[must_use = "a login does nothing until `session.login` is given it"]
pub struct Login {
    show: Show,
    pub(crate) port: Option<u16>,
    pub(crate) timeout: Duration,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) register_again: bool,
    pasted: Option<mpsc::Receiver<String>>,
    cancel: Option<Boxed<'static, ()>>,
}

enum Show {
    Browser,
    Stderr,
    Callback(Box<dyn FnMut(&Url) + Send>),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("port", &self.port)
            .field("timeout", &self.timeout)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Login {
    fn new(show: Show) -> Self {
        Self {
            show,
            port: None,
            timeout: Duration::from_secs(300),
            scopes: None,
            register_again: false,
            pasted: None,
            cancel: None,
        }
    }

    /// Prints the link to stderr, on a line of its own, and opens it in the user's browser (`$BROWSER` is honoured).
    pub fn browser() -> Self {
        Self::new(Show::Browser)
    }

    /// Prints the link to stderr, on a line of its own, and opens nothing: for machines without a browser.
    pub fn print_url() -> Self {
        Self::new(Show::Stderr)
    }

    /// Hands the link to the application. It prints and opens nothing by itself. The function is called once more with a new link
    /// where the server has forgotten the application.
    pub fn with(show: impl FnMut(&Url) + Send + 'static) -> Self {
        Self::new(Show::Callback(Box::new(show)))
    }

    /// Waits for the callback on this port of 127.0.0.1, as for `ssh -L 8912:127.0.0.1:8912`. 0, as by default, takes one that the
    /// application is registered with, or a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port).filter(|port| *port != 0);
        self
    }

    /// How long to wait for the person; 5 minutes by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The scopes to ask for, instead of the session's.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Registers the application anew before the login: for a server that has forgotten it, where the browser shows an error and
    /// never comes back.
    pub fn register_again(mut self, again: bool) -> Self {
        self.register_again = again;
        self
    }

    /// Also takes the redirected URL from lines of this reader, such as `std::io::BufReader::new(std::io::stdin())`, for a browser
    /// on another machine that can't reach this one. The same checks apply. It is read on a thread of its own until its end or the
    /// login's.
    pub fn paste(mut self, mut reader: impl BufRead + Send + 'static) -> Self {
        let (sender, pasted) = mpsc::channel(4);
        self.pasted = Some(pasted);
        // A thread rather than the runtime's pool: a terminal that nobody types at must not keep the runtime from ending.
        let reading = std::thread::Builder::new()
            .name("attendium-paste".into())
            .spawn(move || {
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                    let trimmed = line.trim();
                    if !trimmed.is_empty() && sender.blocking_send(trimmed.to_owned()).is_err() {
                        return;
                    }
                    line.clear();
                }
            });
        if reading.is_err() {
            self.pasted = None;
        }
        self
    }

    /// Ends the login with [`LoginError::Cancelled`](crate::LoginError::Cancelled) when this future ends.
    pub fn cancel(mut self, when: impl Future<Output = ()> + Send + 'static) -> Self {
        self.cancel = Some(Box::pin(when));
        self
    }

    /// Ends the login with [`LoginError::Cancelled`](crate::LoginError::Cancelled) on Ctrl-C. From then on, Ctrl-C no longer ends
    /// the process by itself (see [`tokio::signal::ctrl_c`]).
    pub fn cancel_on_ctrl_c(self) -> Self {
        self.cancel(async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    /// Shows the link.
    pub(crate) fn show(&mut self, url: &Url) {
        match &mut self.show {
            Show::Callback(show) => show(url),
            Show::Stderr => print(url, self.pasted.is_some()),
            Show::Browser => {
                print(url, self.pasted.is_some());
                open(url);
            }
        }
    }

    /// The next pasted line.
    pub(crate) async fn pasted(pasted: &mut Option<mpsc::Receiver<String>>) -> String {
        if let Some(lines) = pasted {
            if let Some(line) = lines.recv().await {
                return line;
            }
            *pasted = None;
        }
        std::future::pending().await
    }

    pub(crate) fn take_pasted(&mut self) -> Option<mpsc::Receiver<String>> {
        self.pasted.take()
    }

    pub(crate) fn take_cancel(&mut self) -> Boxed<'static, ()> {
        self.cancel
            .take()
            .unwrap_or_else(|| Box::pin(std::future::pending()))
    }
}

/// Tells the person at the terminal, on stderr: stdout belongs to the program's output. Not `eprintln!`, which panics where stderr is
/// closed.
pub(crate) fn say(text: impl fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn print(url: &Url, paste: bool) {
    say(format_args!("To log in, open this link:\n\n{url}\n"));
    if paste {
        say("If the browser is on another machine, paste the address that it ends up at here.");
    }
}

fn open(url: &Url) {
    let url = url.to_string();
    // Some browsers run in the foreground of what starts them: that must not hold up the login.
    let opening = std::thread::Builder::new()
        .name("attendium-browser".into())
        .spawn(move || {
            if let Err(error) = webbrowser::open(&url) {
                say(format_args!(
                    "No browser could be opened ({error}): open the link yourself."
                ));
            }
        });
    drop(opening);
}
