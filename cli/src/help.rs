//! What is true of all commands, for the end of the help and for the manual page: environment
//! variables, exit codes. Enter at [`end`].

pub const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 wrong usage (a flag or a variable), 3 login required,
4 the API answered with errors.
Data goes to standard output, and everything else to standard error.";

/// The environment variables that are read, each with what it is for.
pub const VARIABLES: [(&str, &str); 11] = [
    ("ATTENDIUM_BASE_URL", "the server, as `--base-url`"),
    (
        "ATTENDIUM_PROFILE",
        "which of several logins, as `--profile`",
    ),
    (
        "ATTENDIUM_STORE",
        "where credentials are kept, as `--store`",
    ),
    ("ATTENDIUM_TOKEN", "an access token, in place of a login"),
    ("ATTENDIUM_CLIENT_ID", "the client's id, as `--client-id`"),
    ("ATTENDIUM_CLIENT_SECRET", "the secret of that client"),
    (
        "XDG_STATE_HOME",
        "where files with credentials are; on Windows LOCALAPPDATA",
    ),
    ("BROWSER", "the program that opens the link of a login"),
    (
        "HTTPS_PROXY",
        "the proxy; also HTTP_PROXY, ALL_PROXY and NO_PROXY",
    ),
    (
        "NO_COLOR",
        "no colours, where it is not empty; nor where TERM is `dumb`",
    ),
    (
        "RUST_LOG",
        "what to tell on standard error, in place of `-v`",
    ),
];

/// The end of the help.
pub fn end() -> String {
    let width = VARIABLES.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    let lines = VARIABLES.map(|(name, purpose)| format!("  {name:width$}  {purpose}\n"));
    format!("Environment:\n{}\n{EXIT_CODES}", lines.concat())
}
