//! A person at a browser: follows links, fills in the login form, decides on the consent page, ends
//! at the application's page.
//!
//! It knows nothing of the server but what its pages say: forms are read from the HTML, and sent as
//! a browser sends them.

mod html;
mod http;

use std::collections::HashMap;
use std::fmt;
use std::io;

use hyper::header::{LOCATION, SET_COOKIE};
use hyper::{HeaderMap, Method};
use url::Url;

use crate::credentials::Credentials;
use html::{Form, forms, text, title};

/// More redirects and pages than any login has.
const MOST_STEPS: usize = 20;

/// A person who logs in and decides. Made by
/// [`Sandbox::scripted_user`](crate::Sandbox::scripted_user).
#[derive(Debug, Clone)]
pub struct ScriptedUser {
    credentials: Credentials,
    allow: bool,
    visit_callback: bool,
}

/// Where a login ended.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Visit {
    /// The address of the last page: the callback, with `code` and `state`, where all went well.
    pub url: String,
    /// Its status; none where the callback was not visited.
    pub status: Option<u16>,
    /// What the last page says, without its markup.
    pub text: String,
    /// The HTML of the last page.
    pub html: String,
    /// The titles of the pages on which forms were filled in.
    pub pages: Vec<String>,
}

impl fmt::Debug for Visit {
    /// Leaves out the query of the URL, which may hold a code, and the HTML, which may hold
    /// anything.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Visit")
            .field("url", &self.url.split('?').next().unwrap_or_default())
            .field("status", &self.status)
            .field("text", &self.text)
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

/// Why a login did not come to an end.
#[derive(Debug)]
#[non_exhaustive]
pub enum VisitError {
    /// A request failed.
    Request(io::Error),
    /// An address could not be read.
    Address(String),
    /// A page has a form that this user does not understand, or the login was refused.
    Stuck(String),
}

impl fmt::Display for VisitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => write!(formatter, "the scripted user got no answer: {error}"),
            Self::Address(address) => write!(
                formatter,
                "the scripted user cannot read the address `{address}`"
            ),
            Self::Stuck(reason) => write!(formatter, "the scripted user is stuck: {reason}"),
        }
    }
}

impl std::error::Error for VisitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for VisitError {
    fn from(error: io::Error) -> Self {
        Self::Request(error)
    }
}

/// An address that makes no sense, without its query, which may hold a code.
fn unreadable(address: &str) -> VisitError {
    let shown = address.split('?').next().unwrap_or_default();
    VisitError::Address(shown.to_owned())
}

struct Page {
    url: Url,
    status: u16,
    html: String,
}

enum Next {
    Page(Page),
    Redirect(Url),
}

impl Default for ScriptedUser {
    /// A person who logs in as the first user, whom every sandbox has, also one in another process.
    fn default() -> Self {
        let first = crate::model::seed().users.into_iter().next();
        Self::new(Credentials {
            login: first
                .as_ref()
                .map_or_else(String::new, |user| user.login.clone()),
            password: first.map_or_else(String::new, |user| user.password),
        })
    }
}

impl ScriptedUser {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            allow: true,
            visit_callback: true,
        }
    }

    /// Logs in as someone else.
    #[must_use]
    pub fn with_credentials(self, credentials: Credentials) -> Self {
        Self {
            credentials,
            ..self
        }
    }

    /// Presses "don't allow".
    #[must_use]
    pub fn deny(self) -> Self {
        Self {
            allow: false,
            ..self
        }
    }

    /// Does not open the callback: [`Visit::url`] is where the browser would have gone, as one
    /// copies it on a machine without one.
    #[must_use]
    pub fn stop_at_callback(self) -> Self {
        Self {
            visit_callback: false,
            ..self
        }
    }

    /// Opens the authorize URL, or an application's page that leads to it, and goes on until a page
    /// has no form.
    ///
    /// Forms are filled in on the server that shows the first one, and on no other.
    ///
    /// # Errors
    ///
    /// A request fails, an address or a form makes no sense, or the login is refused.
    pub async fn visit(&self, authorize_url: &str) -> Result<Visit, VisitError> {
        let mut url = Url::parse(authorize_url).map_err(|_| unreadable(authorize_url))?;
        let mut origin = url.origin();
        let mut browser = Browser::default();
        let mut pages: Vec<String> = Vec::new();
        let mut form: Option<Vec<(String, String)>> = None;
        for _ in 0..MOST_STEPS {
            let page = match browser.open(&url, form.take()).await? {
                Next::Redirect(target) if target.origin() != origin && !self.visit_callback => {
                    return Ok(Visit {
                        url: target.into(),
                        status: None,
                        text: String::new(),
                        html: String::new(),
                        pages,
                    });
                }
                Next::Redirect(target) => {
                    url = target;
                    continue;
                }
                Next::Page(page) => page,
            };
            let found = forms(&page.html).into_iter().next();
            if found.is_some() && pages.is_empty() {
                origin = page.url.origin();
            }
            let found = found.filter(|_| page.url.origin() == origin);
            let Some(found) = found else {
                return Ok(Visit {
                    url: page.url.into(),
                    status: Some(page.status),
                    text: text(&page.html),
                    html: page.html,
                    pages,
                });
            };
            let name = title(&page.html);
            if pages.contains(&name) {
                return Err(VisitError::Stuck(format!(
                    "`{name}` came again: {}",
                    text(&page.html)
                )));
            }
            pages.push(name);
            let filled = self.fill(&found)?;
            let target = page.url.join(&found.action);
            url = target.map_err(|_| unreadable(&found.action))?;
            if found.post {
                form = Some(filled);
            } else {
                url.query_pairs_mut().clear().extend_pairs(filled);
            }
        }
        Err(VisitError::Stuck(format!(
            "no end after {MOST_STEPS} steps"
        )))
    }

    /// What the form is sent with.
    fn fill(&self, form: &Form) -> Result<Vec<(String, String)>, VisitError> {
        let is_login = form.inputs.iter().any(|input| input.kind == "password");
        let mut filled: Vec<(String, String)> = Vec::new();
        for input in form.inputs.iter().filter(|input| !input.name.is_empty()) {
            let value = match input.kind.as_str() {
                "hidden" => input.value.clone(),
                "password" => self.credentials.password.clone(),
                "text" | "email" => self.credentials.login.clone(),
                other => return Err(VisitError::Stuck(format!("a field of the kind `{other}`"))),
            };
            filled.push((input.name.clone(), value));
        }
        if is_login {
            return Ok(filled);
        }
        let wanted = if self.allow { "allow" } else { "deny" };
        let button = form.buttons.iter().find(|button| button.value == wanted);
        let button =
            button.ok_or_else(|| VisitError::Stuck(format!("no button for `{wanted}`")))?;
        filled.push((button.name.clone(), button.value.clone()));
        Ok(filled)
    }
}

/// Sends requests with cookies and follows nothing by itself.
#[derive(Default)]
struct Browser {
    /// By host: cookies know no ports (RFC 6265 §8.5).
    cookies: HashMap<String, HashMap<String, String>>,
}

impl Browser {
    async fn open(
        &mut self,
        url: &Url,
        form: Option<Vec<(String, String)>>,
    ) -> Result<Next, VisitError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut headers = vec![("accept", "text/html".to_owned())];
        if let Some(cookies) = self
            .cookies
            .get(&host)
            .filter(|cookies| !cookies.is_empty())
        {
            let pairs = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            headers.push(("cookie", pairs.collect::<Vec<_>>().join("; ")));
        }
        let (method, body) = match form {
            None => (Method::GET, String::new()),
            Some(form) => {
                headers.push((
                    "content-type",
                    "application/x-www-form-urlencoded".to_owned(),
                ));
                let body = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(form)
                    .finish();
                (Method::POST, body)
            }
        };
        let answer = http::send(method, url, &headers, body).await?;
        self.keep_cookies(host, &answer.headers);
        let location = answer
            .headers
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        if let Some(location) = location.filter(|_| answer.status.is_redirection()) {
            let target = url.join(location).map_err(|_| unreadable(location))?;
            return Ok(Next::Redirect(target));
        }
        Ok(Next::Page(Page {
            url: url.clone(),
            status: answer.status.as_u16(),
            html: answer.body,
        }))
    }

    fn keep_cookies(&mut self, host: String, headers: &HeaderMap) {
        let kept = self.cookies.entry(host).or_default();
        for cookie in headers.get_all(SET_COOKIE) {
            let pair = cookie
                .to_str()
                .ok()
                .and_then(|cookie| cookie.split(';').next());
            if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                kept.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}
