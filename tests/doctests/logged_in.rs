// What documentation examples begin with that need a server: a local Attendium, and a session that
// is logged in to it. They include this file.

async fn logged_in()
-> Result<(attendium_sandbox::Sandbox, attendium::Session), Box<dyn std::error::Error>> {
    let sandbox = attendium_sandbox::Sandbox::start().await?;
    let session = attendium::Session::builder()
        .base_url(sandbox.base_url())
        .application("Guest list")
        .build()?;
    let user = sandbox.scripted_user();
    let login = attendium::Login::show_url_with(move |url| {
        let (user, url) = (user.clone(), url.to_string());
        tokio::spawn(async move { user.visit(&url).await });
    });
    session.login(login).await?;
    Ok((sandbox, session))
}
