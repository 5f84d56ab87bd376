//! [`Login`]: how a person is sent to the server, and how long the login waits.

use std::fmt;
use std::future::Future;
use std::io::{BufRead, Write as _};
use std::time::Duration;

use tokio::sync::mpsc;
use url::Url;

use crate::http::BoxFuture;

use super::device_code::DeviceCode;
use super::parameters::LoginParameters;

/// Options of a login: who is shown the link, how long it waits, what it asks for.
///
/// ```no_run
/// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
/// use attendium::Login;
/// session.login(Login::browser().scopes(["guests:read"])).await?;
/// # Ok(()) }
/// ```
#[must_use = "a login does nothing until `session.login` is given it"]
pub struct Login {
    show: ShowUrl,
    pub(super) port: Option<u16>,
    pub(super) timeout: Duration,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) parameters: LoginParameters,
    pub(super) register_again: bool,
    pasted: Option<mpsc::Receiver<String>>,
    /// Whether an address can be pasted, also where `pasted` was taken.
    takes_pasted: bool,
    cancel: Option<BoxFuture<'static, ()>>,
}

enum ShowUrl {
    Browser,
    Stderr,
    Callback(Box<dyn FnMut(&Url) + Send>),
    Device(Box<dyn FnMut(&DeviceCode) + Send>),
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
    fn new(show: ShowUrl) -> Self {
        Self {
            show,
            port: None,
            timeout: Duration::from_secs(300),
            scopes: None,
            parameters: LoginParameters::new(),
            register_again: false,
            pasted: None,
            takes_pasted: false,
            cancel: None,
        }
    }

    /// Prints the link to stderr, on a line of its own, and opens it in the user's browser
    /// (`$BROWSER` is honoured).
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// session.login(attendium::Login::browser()).await?;
    /// # Ok(()) }
    /// ```
    pub fn browser() -> Self {
        Self::new(ShowUrl::Browser)
    }

    /// Prints the link to stderr, on a line of its own, and opens nothing: for machines without a
    /// browser.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// session.login(attendium::Login::print_url()).await?;
    /// # Ok(()) }
    /// ```
    pub fn print_url() -> Self {
        Self::new(ShowUrl::Stderr)
    }

    /// Hands the link to the application, and prints and opens nothing.
    ///
    /// The function is called once more, with a new link, where the server has forgotten the
    /// application.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    ///
    /// let login = Login::show_url_with(|url| println!("Open {url}"));
    /// session.login(login).await?;
    /// # Ok(()) }
    /// ```
    pub fn show_url_with(show: impl FnMut(&Url) + Send + 'static) -> Self {
        Self::new(ShowUrl::Callback(Box::new(show)))
    }

    /// Logs in on another device (RFC 8628): prints an address and a code to stderr, which the user
    /// types there. No browser and no port of this machine is needed.
    ///
    /// The server has to offer it, and its metadata to say so.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// session.login(attendium::Login::device()).await?;
    /// # Ok(()) }
    /// ```
    pub fn device() -> Self {
        Self::show_device_with(print_device_code)
    }

    /// As [`Login::device`], and hands address and code to the application, which shows them.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    ///
    /// let login = Login::show_device_with(|code| {
    ///     println!("Open {} and type {}", code.url, code.user_code);
    /// });
    /// session.login(login).await?;
    /// # Ok(()) }
    /// ```
    pub fn show_device_with(show: impl FnMut(&DeviceCode) + Send + 'static) -> Self {
        Self::new(ShowUrl::Device(Box::new(show)))
    }

    /// Waits for the callback on this port of 127.0.0.1, as for `ssh -L 8912:127.0.0.1:8912`.
    ///
    /// 0, the default, takes a port that the application is registered with, or a free one.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    ///
    /// session.login(Login::print_url().port(8912)).await?;
    /// # Ok(()) }
    /// ```
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port).filter(|port| *port != 0);
        self
    }

    /// Limits the wait for the person. 5 minutes by default.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    /// use std::time::Duration;
    ///
    /// session.login(Login::browser().timeout(Duration::from_secs(60))).await?;
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks for these scopes instead of the session's.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    ///
    /// session.login(Login::browser().scopes(["guests:read", "guests:write"])).await?;
    /// # Ok(()) }
    /// ```
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Sends these parameters to the server instead of the session's, such as `prompt`.
    pub fn parameters(mut self, parameters: LoginParameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// Registers the application again before the login.
    ///
    /// For a server that has forgotten it, where the browser shows an error and never comes back.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::{Error, Login, LoginError};
    ///
    /// let login = session.login(Login::browser()).await;
    /// if let Err(Error::Login(LoginError::TimedOut { .. })) = login {
    ///     session.login(Login::browser().register_again(true)).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn register_again(mut self, again: bool) -> Self {
        self.register_again = again;
        self
    }

    /// Also takes the redirected URL from lines of this reader, such as
    /// `std::io::BufReader::new(std::io::stdin())`.
    ///
    /// For a browser on another machine, which can't reach this one. The same checks apply. The
    /// reader is read on a thread of its own, until it or the login ends.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    /// use std::io::{BufReader, stdin};
    ///
    /// session.login(Login::print_url().paste_from(BufReader::new(stdin()))).await?;
    /// # Ok(()) }
    /// ```
    pub fn paste_from(mut self, mut reader: impl BufRead + Send + 'static) -> Self {
        let (sender, pasted) = mpsc::channel(4);
        self.pasted = Some(pasted);
        // A thread rather than the runtime's pool: a terminal that nobody types at must not keep
        // the runtime from ending.
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
        self.takes_pasted = self.pasted.is_some();
        self
    }

    /// Ends the login with [`LoginError::Cancelled`](crate::LoginError::Cancelled) when this future
    /// ends.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    ///
    /// let (give_up, given_up) = tokio::sync::oneshot::channel::<()>();
    /// let login = Login::browser().cancel_when(async {
    ///     let _ = given_up.await;
    /// });
    /// // `give_up.send(())` ends it, from wherever the user presses the button.
    /// session.login(login).await?;
    /// # Ok(()) }
    /// ```
    pub fn cancel_when(mut self, when: impl Future<Output = ()> + Send + 'static) -> Self {
        self.cancel = Some(Box::pin(when));
        self
    }

    /// Ends the login with [`LoginError::Cancelled`](crate::LoginError::Cancelled) on Ctrl-C.
    ///
    /// From then on, Ctrl-C no longer ends the process by itself (see [`tokio::signal::ctrl_c`]).
    pub fn cancel_on_ctrl_c(self) -> Self {
        self.cancel_when(async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    /// Whether the user is on another device.
    pub(super) fn is_on_device(&self) -> bool {
        matches!(self.show, ShowUrl::Device(_))
    }

    /// Shows the code for another device.
    pub(super) fn show_device_code(&mut self, code: &DeviceCode) {
        if let ShowUrl::Device(show) = &mut self.show {
            show(code);
        }
    }

    /// Shows the link.
    pub(super) fn show_url(&mut self, url: &Url) {
        match &mut self.show {
            ShowUrl::Callback(show) => show(url),
            ShowUrl::Device(_) => {}
            ShowUrl::Stderr => print_link(url, self.takes_pasted),
            ShowUrl::Browser => {
                print_link(url, self.takes_pasted);
                open_browser(url);
            }
        }
    }

    pub(super) fn take_pasted(&mut self) -> Option<mpsc::Receiver<String>> {
        self.pasted.take()
    }

    pub(super) fn take_cancel(&mut self) -> BoxFuture<'static, ()> {
        self.cancel
            .take()
            .unwrap_or_else(|| Box::pin(std::future::pending()))
    }
}

/// Tells the person at the terminal. Stdout belongs to the program's output, and `eprintln!` panics
/// where stderr is closed.
pub(super) fn print_to_terminal(text: impl fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

fn print_link(url: &Url, paste: bool) {
    print_to_terminal(format_args!("To log in, open this link:\n\n{url}\n"));
    if paste {
        print_to_terminal(
            "If the browser is on another machine, paste the address that it ends up at here.",
        );
    }
}

fn print_device_code(code: &DeviceCode) {
    print_to_terminal(format_args!(
        "To log in, open this page on any device and type the code there:\n\n{}\n\n  {}\n",
        code.url, code.user_code
    ));
}

fn open_browser(url: &Url) {
    let url = url.to_string();
    // Some browsers run in the foreground of their starter: that must not hold up the login.
    let opening = std::thread::Builder::new()
        .name("attendium-browser".into())
        .spawn(move || {
            if let Err(error) = webbrowser::open(&url) {
                print_to_terminal(format_args!(
                    "No browser could be opened ({error}): open the link yourself."
                ));
            }
        });
    drop(opening);
}
