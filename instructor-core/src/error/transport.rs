//! What goes wrong between here and the provider.

use std::fmt;

/// The provider could not be reached, or the connection broke.
#[derive(Debug)]
#[non_exhaustive]
pub struct TransportError {
    /// What kind of failure.
    pub kind: TransportErrorKind,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// What kind of failure a [`TransportError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection could be made.
    Connect,
    /// The request timed out.
    Timeout,
    /// The connection broke while sending or receiving.
    Interrupted,
    /// A stream ended before the response did.
    Truncated,
    /// Nothing of a stream came for longer than the idle timeout.
    Stalled,
    /// The body is longer than is accepted.
    TooLarge,
    /// The request cannot be sent at all.
    Request,
}

impl TransportError {
    /// A failure of `kind`, because of `source`.
    pub fn new(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        TransportError {
            kind,
            source: source.into(),
        }
    }

    /// Sending the same request again may help.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            TransportErrorKind::Connect
                | TransportErrorKind::Timeout
                | TransportErrorKind::Interrupted
                | TransportErrorKind::Truncated
                | TransportErrorKind::Stalled
        )
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => {
                "the provider could not be reached (check the base URL and the network)"
            }
            TransportErrorKind::Timeout => "the provider did not answer in time",
            TransportErrorKind::Interrupted => "the connection to the provider broke",
            TransportErrorKind::Truncated => "the provider's response was cut off",
            TransportErrorKind::Stalled => "the provider fell silent",
            TransportErrorKind::TooLarge => "the provider's response is too large",
            TransportErrorKind::Request => "the request cannot be sent",
        })?;
        // The causes say what really happened, the outermost only that something did.
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self.source.as_ref());
        while let Some(error) = cause {
            match error.source() {
                Some(inner) => cause = Some(inner),
                None => return write!(f, ": {error}"),
            }
        }
        Ok(())
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}
