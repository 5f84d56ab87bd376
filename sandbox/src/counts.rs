//! What has happened in a sandbox, in numbers.

/// What has happened in a [`Sandbox`](crate::Sandbox) since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Answers of the metadata document.
    pub discoveries: u64,
    /// Clients that were registered.
    pub registrations: u64,
    /// Codes that were sent to a redirect URI.
    pub authorizations: u64,
    /// Codes that were exchanged for tokens.
    pub code_exchanges: u64,
    /// Requests with `grant_type=refresh_token`, whatever came of them; those that a fault took
    /// before they were read are left out.
    pub refresh_attempts: u64,
    /// Refreshes that gave new tokens.
    pub refreshes: u64,
    /// Requests to the revocation endpoint that revoked something.
    pub revocations: u64,
    /// Families of tokens that were revoked: by reuse of a code or a refresh token, by request or
    /// by a fault.
    pub families_revoked: u64,
    /// Requests to `/graphql`, also refused ones.
    pub graphql_requests: u64,
    /// Requests to `/graphql` that were executed.
    pub graphql_executions: u64,
    /// Requests to where the fault `redirect` points; none should ever come.
    pub redirects_followed: u64,
    /// Sockets that were acknowledged.
    pub sockets: u64,
    /// Subscriptions that began, over a socket or as an answer.
    pub subscriptions: u64,
    /// Subscriptions that the client ended.
    pub subscriptions_completed: u64,
    /// Faults that were played.
    pub faults_played: u64,
}
