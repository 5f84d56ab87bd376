//! The faults and places, with their stable names.

use std::fmt;
use std::str::FromStr;

/// Where a fault is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// `GET /.well-known/oauth-authorization-server`
    Discovery,
    /// `POST /oauth2/register`
    Register,
    /// `GET /oauth2/authorize`, and for faults that are about the callback, the redirect that ends
    /// the consent.
    Authorize,
    /// `POST /oauth2/token`
    Token,
    /// `POST /oauth2/revoke`
    Revoke,
    /// `POST /graphql`
    Graphql,
    /// A subscription's socket (`GET /graphql`), once it was acknowledged.
    Socket,
}

impl Place {
    /// Every place.
    pub const ALL: &'static [Self] = &[
        Self::Discovery,
        Self::Register,
        Self::Authorize,
        Self::Token,
        Self::Revoke,
        Self::Graphql,
        Self::Socket,
    ];

    /// Those that answer HTTP requests.
    pub const HTTP: &'static [Self] = match Self::ALL.split_last() {
        Some((Self::Socket, http)) => http,
        _ => panic!("the socket is the last one"),
    };

    /// The place's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Register => "register",
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::Graphql => "graphql",
            Self::Socket => "socket",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Place {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let found = Self::ALL.iter().find(|place| place.name() == name);
        found.copied().ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal at $places:ident,)+) => {
        /// Something that goes wrong. Each says where it can be put; elsewhere it is played as if
        /// it were not there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Fault {
            /// Every fault, in the order of its documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The fault's stable name, in kebab case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The places at which the fault does something.
            #[must_use]
            pub const fn places(self) -> &'static [Place] {
                match self {
                    $(Self::$variant => $places,)+
                }
            }

            /// What the fault does, in a sentence or two.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

const ANYWHERE: &[Place] = Place::HTTP;
const DISCOVERY: &[Place] = &[Place::Discovery];
const REGISTER: &[Place] = &[Place::Register];
const AUTHORIZE: &[Place] = &[Place::Authorize];
const TOKEN: &[Place] = &[Place::Token];
const GRAPHQL: &[Place] = &[Place::Graphql];
const SOCKET: &[Place] = &[Place::Socket];
const OAUTH: &[Place] = &[Place::Register, Place::Token, Place::Revoke];
const CODE: &[Place] = &[Place::Authorize, Place::Token];
const FAMILY: &[Place] = &[Place::Token, Place::Graphql];

faults! {
    /// Status 500 with a short text.
    Status500 = "status-500" at ANYWHERE,
    /// Status 404: as if there were no such endpoint.
    Status404 = "status-404" at ANYWHERE,
    /// Status 429 with `Retry-After` in seconds.
    Status429Seconds = "status-429-seconds" at ANYWHERE,
    /// Status 429 with `Retry-After` as a date.
    Status429Date = "status-429-date" at ANYWHERE,
    /// Status 503 with `Retry-After` in seconds.
    Status503Seconds = "status-503-seconds" at ANYWHERE,
    /// Status 503 with `Retry-After` as a date.
    Status503Date = "status-503-date" at ANYWHERE,
    /// The right answer, but late.
    Slow = "slow" at ANYWHERE,
    /// No answer, and nothing is processed; the connection stays open.
    Hung = "hung" at ANYWHERE,
    /// The request is processed, but there is no answer; the connection stays open.
    HungAfter = "hung-after" at ANYWHERE,
    /// The connection is closed before anything is processed.
    DroppedBefore = "dropped-before" at ANYWHERE,
    /// The request is processed, then the connection is closed without an answer.
    DroppedAfter = "dropped-after" at ANYWHERE,
    /// The request is processed, but half of the answer's body is missing and the connection is
    /// closed.
    Truncated = "truncated" at ANYWHERE,
    /// Status 502 with a page of HTML.
    Html = "html" at ANYWHERE,
    /// Status 200 with a page of HTML.
    Html200 = "html-200" at ANYWHERE,
    /// Status 200 with a body of 64 MiB.
    Huge = "huge" at ANYWHERE,
    /// Status 200 with a gzip body of some hundred kilobytes that unpacks to 256 MiB.
    GzipBomb = "gzip-bomb" at ANYWHERE,
    /// Status 307 to another address of the same server, which counts who follows.
    Redirect = "redirect" at ANYWHERE,
    /// The metadata's issuer is another one.
    WrongIssuer = "wrong-issuer" at DISCOVERY,
    /// The metadata's token endpoint is https on another origin.
    ForeignEndpoint = "foreign-endpoint" at DISCOVERY,
    /// The metadata's token endpoint is plain http on another origin.
    PlainHttpEndpoint = "plain-http-endpoint" at DISCOVERY,
    /// The metadata lists only `plain` as a challenge method.
    NoS256 = "no-s256" at DISCOVERY,
    /// The registration's answer has a `client_id` and nothing else.
    OnlyClientId = "only-client-id" at REGISTER,
    /// The callback has a state that nobody sent.
    WrongState = "wrong-state" at AUTHORIZE,
    /// The callback has no state.
    MissingState = "missing-state" at AUTHORIZE,
    /// The callback's `iss` is another issuer.
    WrongIss = "wrong-iss" at AUTHORIZE,
    /// The callback has no `iss`, though the metadata promises one.
    MissingIss = "missing-iss" at AUTHORIZE,
    /// The callback has its code twice.
    DuplicateParameters = "duplicate-parameters" at AUTHORIZE,
    /// The code has expired: at authorize the one that is sent, at token the one that is given.
    ExpiredCode = "expired-code" at CODE,
    /// The client is forgotten, with its tokens, before the request is processed. At authorize
    /// there is no callback then.
    ForgottenClient = "forgotten-client" at CODE,
    /// `invalid_client`, though nothing is forgotten.
    InvalidClient = "invalid-client" at TOKEN,
    /// `invalid_grant`, though the grant is good and stays so.
    InvalidGrant = "invalid-grant" at TOKEN,
    /// Every family of tokens is revoked before the request is processed.
    RevokedFamily = "revoked-family" at FAMILY,
    /// Good tokens without `expires_in`.
    NoExpiresIn = "no-expires-in" at TOKEN,
    /// Good tokens with `expires_in` as a string.
    StringExpiresIn = "string-expires-in" at TOKEN,
    /// Good tokens with `expires_in` as a float.
    FloatExpiresIn = "float-expires-in" at TOKEN,
    /// Good tokens without a refresh token. The old one was rotated all the same, unless the
    /// sandbox does not rotate.
    NoRefreshToken = "no-refresh-token" at TOKEN,
    /// Good tokens without a token type.
    NoTokenType = "no-token-type" at TOKEN,
    /// Good tokens whose type is `DPoP`.
    OtherTokenType = "other-token-type" at TOKEN,
    /// An answer of tokens that lacks the access token.
    NoAccessToken = "no-access-token" at TOKEN,
    /// An OAuth error, `invalid_request`, with status 200.
    OauthErrorWithStatus200 = "oauth-error-with-status-200" at OAUTH,
    /// Status 401, `invalid_token`, though the token is good.
    InvalidToken = "invalid-token" at GRAPHQL,
    /// Status 200 with an error UNAUTHENTICATED and no data.
    Unauthenticated200 = "unauthenticated-200" at GRAPHQL,
    /// Status 403, `insufficient_scope`.
    InsufficientScope = "insufficient-scope" at GRAPHQL,
    /// Introspection is refused, with status 400; other requests are answered.
    IntrospectionOff = "introspection-off" at GRAPHQL,
    /// Introspection is refused where it asks for `__type`, `fields` or their like
    /// more than once, as graphql-java does.
    IntrospectionGoodFaith = "introspection-good-faith" at GRAPHQL,
    /// Introspection is refused where it is deeper than 12 fields, or has more than 8
    /// `ofType`s below each other.
    IntrospectionDepth = "introspection-depth" at GRAPHQL,
    /// Introspection is refused where it asks for more than 150 fields.
    IntrospectionComplexity = "introspection-complexity" at GRAPHQL,
    /// Introspection is refused, with status 400, where it asks for what the edition of June
    /// 2018 does not have.
    IntrospectionOf2018 = "introspection-of-2018" at GRAPHQL,
    /// The errors of the answer repeat the credential: to a subscription, those of a first event.
    RepeatedCredential = "repeated-credential" at GRAPHQL,
    /// The connection is cut after the next event, in the middle of a frame.
    SocketHalfFrame = "socket-half-frame" at SOCKET,
    /// The connection is cut before the next event.
    SocketDies = "socket-dies" at SOCKET,
    /// Nothing comes any more, and no ping is answered; the connection stays open.
    SocketHangs = "socket-hangs" at SOCKET,
    /// The server never acknowledges the connection.
    SocketNoAck = "socket-no-ack" at SOCKET,
    /// The next message is no JSON.
    SocketGarbage = "socket-garbage" at SOCKET,
    /// Before the next event come one for an id that nobody has and one for an id that is none.
    SocketWrongIds = "socket-wrong-ids" at SOCKET,
    /// Before the next event come messages of types that the protocol does not know.
    SocketUnknownMessages = "socket-unknown-messages" at SOCKET,
    /// The server closes in order, with 1000, and completes nothing.
    SocketClosed1000 = "socket-closed-1000" at SOCKET,
    /// The server closes with 4401, as when a token has expired.
    SocketClosed4401 = "socket-closed-4401" at SOCKET,
    /// The server closes with 4403 in place of an acknowledgement.
    SocketClosed4403 = "socket-closed-4403" at SOCKET,
    /// The server ends the subscription with an error UNAUTHENTICATED.
    SocketUnauthenticated = "socket-unauthenticated" at SOCKET,
    /// Before the next event comes one whose errors repeat the credential.
    SocketRepeatedCredential = "socket-repeated-credential" at SOCKET,
    /// The server ends the subscription with an error that repeats the credential.
    SocketErrorWithCredential = "socket-error-with-credential" at SOCKET,
    /// The server closes with 4400 and a reason that repeats the credential.
    SocketClosedWithCredential = "socket-closed-with-credential" at SOCKET,
    /// The next event comes 100,000 times.
    SocketFlood = "socket-flood" at SOCKET,
}

impl Fault {
    /// Whether the fault is about the redirect that ends the consent, and not about `GET
    /// /oauth2/authorize`.
    pub(crate) fn is_of_the_callback(self) -> bool {
        matches!(
            self,
            Self::WrongState
                | Self::MissingState
                | Self::WrongIss
                | Self::MissingIss
                | Self::DuplicateParameters
                | Self::ExpiredCode
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let found = Self::ALL.iter().find(|fault| fault.name() == name);
        found.copied().ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// A name that no fault or place has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` is not the name of a fault or a place: see `Fault::ALL` and `Place::ALL`",
            self.0
        )
    }
}

impl std::error::Error for UnknownFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_and_place_is_found_by_its_name_alone() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(*fault));
            assert!(!fault.description().is_empty());
        }
        for place in Place::ALL {
            assert_eq!(place.name().parse(), Ok(*place));
        }
        let error = "status-501".parse::<Fault>().expect_err("no fault");
        assert!(error.to_string().contains("`status-501`"));
    }
}
