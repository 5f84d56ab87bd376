//! The pages that the browser shows when it comes back, in light and dark.
//!
//! They need nothing from elsewhere. Everything that came from outside is escaped, and the headers
//! forbid all but the page's own style.

/// A page for the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    /// The code was exchanged.
    Done {
        application: String,
        account: String,
        issuer: String,
    },
    /// The login ended without tokens.
    Failed {
        application: String,
        message: String,
        help: String,
    },
    /// Not this login's callback.
    NotOurs,
    /// A prefetch: come back for real.
    NotYet,
    NotFound,
    BadRequest,
}

impl Page {
    /// The whole HTTP response.
    pub(crate) fn response(&self) -> Vec<u8> {
        let status = match self {
            Self::Done { .. } => "200 OK",
            // Browsers show the page whatever the status; programs look at the status.
            Self::Failed { .. } | Self::NotOurs | Self::BadRequest => "400 Bad Request",
            Self::NotYet => "503 Service Unavailable",
            Self::NotFound => "404 Not Found",
        };
        let body = self.html();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: close\r\nCache-Control: no-store\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
             Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             X-Frame-Options: DENY\r\n\r\n",
            body.len()
        );
        let mut response = head.into_bytes();
        response.extend_from_slice(body.as_bytes());
        response
    }

    fn html(&self) -> String {
        let row = |name: &str, value: &str| {
            format!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(value))
        };
        let (good, title, lead, more) = match self {
            Self::Done {
                application,
                account,
                issuer,
            } => (
                true,
                "You are logged in".to_owned(),
                format!(
                    "<b>{}</b> can now use your account. You can close this window and go back \
                     to it.",
                    escape(application)
                ),
                format!(
                    "<dl>{}{}{}</dl>",
                    row("Application", application),
                    row("Account", account),
                    row("Server", issuer)
                ),
            ),
            Self::Failed {
                application,
                message,
                help,
            } => (
                false,
                "The login did not work".to_owned(),
                format!("<b>{}</b> was not given access.", escape(application)),
                format!(
                    "<dl>{}{}</dl>",
                    row("What happened", &sentence(message)),
                    row("What to do", &sentence(help))
                ),
            ),
            Self::NotOurs => (
                false,
                "This link belongs to another login".to_owned(),
                "Nothing was changed, and the login that is under way still waits for you."
                    .to_owned(),
                "<p>Go back to the newest tab that the application opened, or begin the login \
                 again.</p>"
                    .to_owned(),
            ),
            Self::NotYet => (
                false,
                "Not yet".to_owned(),
                "Open this page again to finish the login.".to_owned(),
                String::new(),
            ),
            Self::NotFound => (
                false,
                "There is nothing here".to_owned(),
                "This address only waits for a login to come back.".to_owned(),
                String::new(),
            ),
            Self::BadRequest => (
                false,
                "That was no web request".to_owned(),
                "This address only waits for a login to come back.".to_owned(),
                String::new(),
            ),
        };
        let (class, sign) = if good {
            ("good", "<path d=\"M7 13l3.5 3.5L17.5 9\"/>")
        } else {
            ("bad", "<path d=\"M12 7v6.5M12 17v.1\"/>")
        };
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <title>{title}</title><style>{STYLE}</style></head>\
             <body><main class=\"{class}\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
             <circle cx=\"12\" cy=\"12\" r=\"11\"/>{sign}</svg>\
             <h1>{title}</h1><p>{lead}</p>{more}</main></body></html>\n"
        )
    }
}

const STYLE: &str = "\
:root{--paper:#f4f5f7;--card:#fff;--ink:#16191d;--soft:#5b6470;--line:#e3e6ea;--good:#1a7f4b;\
--bad:#b3401c}\
@media(prefers-color-scheme:dark){:root{--paper:#111417;--card:#1a1e23;--ink:#eef1f4;\
--soft:#9aa4b0;--line:#2b3138;--good:#4cc38a;--bad:#f08a63}}\
*{box-sizing:border-box;margin:0}\
body{min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);\
color:var(--ink);font:1rem/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\
main{width:100%;max-width:27rem;padding:2.25rem 2rem 1.75rem;background:var(--card);\
border:1px solid var(--line);border-radius:14px;\
box-shadow:0 1px 2px rgb(0 0 0/.05),0 12px 32px rgb(0 0 0/.07)}\
svg{width:3rem;height:3rem;margin-bottom:1.1rem;fill:none;stroke:currentColor;stroke-width:2;\
stroke-linecap:round;stroke-linejoin:round}\
circle{fill:currentColor;opacity:.12;stroke:none}\
.good svg{color:var(--good)}\
.bad svg{color:var(--bad)}\
h1{font-size:1.4rem;line-height:1.25;letter-spacing:-.01em;margin-bottom:.5rem}\
p{color:var(--soft)}\
p b{color:var(--ink)}\
p+p{margin-top:.75rem}\
dl{margin-top:1.5rem;border-top:1px solid var(--line)}\
dl div{display:flex;gap:1rem;justify-content:space-between;padding:.7rem 0;\
border-bottom:1px solid var(--line)}\
dl div:last-child{border-bottom:0}\
.bad dl div{display:block}\
.bad dd{text-align:left}\
dt{color:var(--soft);flex:none}\
dd{text-align:right;overflow-wrap:anywhere;min-width:0}";

/// A message of an error, as a sentence on its own.
fn sentence(message: &str) -> String {
    let mut rest = message.chars();
    let first: String = rest
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let end = if message.ends_with(['.', '!', '?', '…']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{end}", rest.as_str())
}

/// Text as it may stand in HTML, in an element or an attribute.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
