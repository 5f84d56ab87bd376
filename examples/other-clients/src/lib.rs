//! What both programs share: a local Attendium and a session that is logged in to it.

use attendium::{Login, Session};
use attendium_sandbox::Sandbox;

/// A session with a local Attendium, whose scripted user clicks through the login.
pub async fn logged_in() -> Result<(Sandbox, Session), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let session = Session::builder()
        .base_url(sandbox.base_url())
        .application("Other clients")
        .build()?;
    let user = sandbox.scripted_user();
    let login = Login::show_url_with(move |url| {
        let (user, url) = (user.clone(), url.to_string());
        tokio::spawn(async move { user.visit(&url).await });
    });
    session.login(login).await?;
    Ok((sandbox, session))
}
