//! What the authorization server has issued, and the rules of its life.
//!
//! A *family* is everything that comes from one consent: the code, its access tokens, its chain of
//! refresh tokens. Reuse of a code (RFC 6749 §4.1.2) or of a rotated refresh token (RFC 9700
//! §4.14.2) revokes the family as a whole.

use std::collections::HashMap;
use std::time::Duration;

use crate::random;

/// A registered client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub name: String,
    pub redirect_uris: Vec<String>,
}

/// What an authorization request asked for, once it was found to be in order.
#[derive(Clone)]
pub(crate) struct AuthorizationRequest {
    pub client: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub state: Option<String>,
    pub scopes: Vec<String>,
}

/// An authorization request whose user has not yet decided.
#[derive(Clone)]
pub(crate) struct Interaction {
    pub request: AuthorizationRequest,
    /// The cookie of the browser that made it: no other one may go on with it.
    pub browser: String,
    /// The token that its forms carry.
    pub csrf: String,
}

#[derive(Clone)]
struct Code {
    family: u64,
    request: AuthorizationRequest,
    expires: Duration,
    used: bool,
}

#[derive(Debug, Clone)]
struct Family {
    client: String,
    user: String,
    scopes: Vec<String>,
    revoked: bool,
}

#[derive(Clone)]
struct AccessToken {
    family: u64,
    scopes: Vec<String>,
    expires: Duration,
}

#[derive(Clone)]
struct RefreshToken {
    family: u64,
    used: Option<Duration>,
}

/// What a good access token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub user: String,
    pub scopes: Vec<String>,
}

/// Tokens that were just issued.
#[derive(Clone)]
pub(crate) struct Issued {
    pub access: String,
    pub refresh: String,
    pub scopes: Vec<String>,
}

/// Why there are no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// What was given is unknown, expired, another client's, or does not fit.
    Invalid(&'static str),
    /// What was given had been used: its family is revoked now.
    Reused(&'static str),
}

/// What the authorization server has issued.
#[derive(Default)]
pub(crate) struct State {
    clients: HashMap<String, Client>,
    interactions: HashMap<String, Interaction>,
    /// Who is logged in, by the browser's cookie.
    browsers: HashMap<String, String>,
    codes: HashMap<String, Code>,
    families: HashMap<u64, Family>,
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
}

impl State {
    pub fn register(&mut self, client: Client) -> String {
        let id = random::token("client");
        self.clients.insert(id.clone(), client);
        id
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    /// Forgets a client and revokes its tokens.
    pub fn forget_client(&mut self, id: &str) {
        self.clients.remove(id);
        for family in self
            .families
            .values_mut()
            .filter(|family| family.client == id)
        {
            family.revoked = true;
        }
        self.interactions
            .retain(|_, interaction| interaction.request.client != id);
    }

    pub fn forget_clients(&mut self) {
        let ids: Vec<String> = self.clients.keys().cloned().collect();
        for id in ids {
            self.forget_client(&id);
        }
    }

    pub fn begin(&mut self, request: AuthorizationRequest, browser: String) -> String {
        let id = random::token("step");
        let csrf = random::token("form");
        let interaction = Interaction {
            request,
            browser,
            csrf,
        };
        self.interactions.insert(id.clone(), interaction);
        id
    }

    /// The interaction, if this browser made it.
    pub fn interaction(&self, id: &str, browser: &str) -> Option<&Interaction> {
        let found = self.interactions.get(id);
        found.filter(|interaction| interaction.browser == browser)
    }

    /// Ends the interaction: a decision counts once.
    pub fn finish(&mut self, id: &str) {
        self.interactions.remove(id);
    }

    pub fn logged_in(&self, browser: &str) -> Option<&String> {
        self.browsers.get(browser)
    }

    /// Moves an interaction to a fresh cookie on which `user` is logged in, so that a cookie that
    /// was planted before is worth nothing.
    pub fn log_in(&mut self, interaction: &str, user: String) -> String {
        let browser = random::token("browser");
        self.browsers.insert(browser.clone(), user);
        if let Some(interaction) = self.interactions.get_mut(interaction) {
            interaction.browser.clone_from(&browser);
        }
        browser
    }

    /// A code for what `user` just allowed.
    pub fn issue_code(
        &mut self,
        request: AuthorizationRequest,
        user: &str,
        expires: Duration,
    ) -> String {
        let family = self.families.len() as u64;
        let record = Family {
            client: request.client.clone(),
            user: user.to_owned(),
            scopes: request.scopes.clone(),
            revoked: false,
        };
        self.families.insert(family, record);
        let code = random::token("code");
        let record = Code {
            family,
            request,
            expires,
            used: false,
        };
        self.codes.insert(code.clone(), record);
        code
    }

    /// Tokens for a code. A code is spent by the first attempt of its client, also where that
    /// fails.
    pub fn exchange(
        &mut self,
        code: &str,
        client: &str,
        redirect_uri: &str,
        challenge: &str,
        now: Duration,
        lifetime: Duration,
    ) -> Result<Issued, Refusal> {
        let Some(record) = self
            .codes
            .get_mut(code)
            .filter(|record| record.request.client == client)
        else {
            return Err(Refusal::Invalid("the code is unknown or another client's"));
        };
        let family = record.family;
        if record.used {
            let reason = "the code was used before: its tokens are revoked";
            return Err(if self.revoke(family) {
                Refusal::Reused(reason)
            } else {
                Refusal::Invalid(reason)
            });
        }
        record.used = true;
        if record.expires <= now {
            return Err(Refusal::Invalid("the code has expired"));
        }
        if record.request.redirect_uri != redirect_uri {
            return Err(Refusal::Invalid(
                "redirect_uri is not the one of the authorization request",
            ));
        }
        if record.request.challenge != challenge {
            return Err(Refusal::Invalid(
                "code_verifier does not fit code_challenge",
            ));
        }
        self.issue(family, None, now + lifetime)
            .ok_or(Refusal::Invalid("the authorization was revoked"))
    }

    /// Tokens for a refresh token. With `rotate`, it is spent, and its next use outside of `grace`
    /// revokes the family.
    pub fn refresh(
        &mut self,
        token: &str,
        client: &str,
        scopes: Option<Vec<String>>,
        (rotate, grace): (bool, Duration),
        now: Duration,
        lifetime: Duration,
    ) -> Result<Issued, Refusal> {
        let unknown = Refusal::Invalid("the refresh token is unknown, expired or another client's");
        let record = self.refresh.get(token).ok_or(unknown)?;
        let (family, used) = (record.family, record.used);
        let owner = self.families.get(&family).ok_or(unknown)?;
        if owner.client != client {
            return Err(unknown);
        }
        if owner.revoked {
            return Err(Refusal::Invalid("the authorization was revoked"));
        }
        if scopes
            .iter()
            .flatten()
            .any(|scope| !owner.scopes.contains(scope))
        {
            return Err(Refusal::Invalid("scope is wider than what was granted"));
        }
        if used.is_some_and(|used| now >= used + grace) {
            self.revoke(family);
            return Err(Refusal::Reused(
                "the refresh token was used before: its family is revoked",
            ));
        }
        if rotate && let Some(record) = self.refresh.get_mut(token) {
            record.used.get_or_insert(now);
        }
        let mut issued = self.issue(family, scopes, now + lifetime).ok_or(unknown)?;
        if !rotate {
            self.refresh.remove(&issued.refresh);
            token.clone_into(&mut issued.refresh);
        }
        Ok(issued)
    }

    fn issue(
        &mut self,
        family: u64,
        scopes: Option<Vec<String>>,
        expires: Duration,
    ) -> Option<Issued> {
        let owner = self
            .families
            .get(&family)
            .filter(|family| !family.revoked)?;
        let scopes = scopes.unwrap_or_else(|| owner.scopes.clone());
        let (access, refresh) = (random::token("access"), random::token("refresh"));
        let record = AccessToken {
            family,
            scopes: scopes.clone(),
            expires,
        };
        self.access.insert(access.clone(), record);
        self.refresh
            .insert(refresh.clone(), RefreshToken { family, used: None });
        Some(Issued {
            access,
            refresh,
            scopes,
        })
    }

    /// What an access token stands for; the error says why nothing.
    pub fn access(&self, token: &str, now: Duration) -> Result<Grant, &'static str> {
        let record = self
            .access
            .get(token)
            .ok_or("The access token is unknown")?;
        let family = self
            .families
            .get(&record.family)
            .ok_or("The access token is unknown")?;
        if family.revoked {
            return Err("The access token was revoked");
        }
        if record.expires <= now {
            return Err("The access token expired");
        }
        Ok(Grant {
            user: family.user.clone(),
            scopes: record.scopes.clone(),
        })
    }

    /// The family of a token of either kind, if it is this client's.
    pub fn family_of(&self, token: &str, client: &str) -> Option<u64> {
        let access = self.access.get(token).map(|record| record.family);
        let family = access.or_else(|| self.refresh.get(token).map(|record| record.family))?;
        let owner = self.families.get(&family)?;
        (owner.client == client).then_some(family)
    }

    /// Revokes a family; false where it was revoked already.
    pub fn revoke(&mut self, family: u64) -> bool {
        self.families
            .get_mut(&family)
            .is_some_and(|family| !std::mem::replace(&mut family.revoked, true))
    }

    /// Revokes every family that has not been, and says how many there were.
    pub fn revoke_all(&mut self) -> u64 {
        let good = self.families.values_mut().filter(|family| !family.revoked);
        good.map(|family| family.revoked = true).count() as u64
    }

    pub fn expire_access_tokens(&mut self, now: Duration) {
        for token in self.access.values_mut() {
            token.expires = token.expires.min(now);
        }
    }

    /// Makes the refresh tokens of the past unknown.
    pub fn forget_refresh_tokens(&mut self) {
        self.refresh.clear();
    }
}
