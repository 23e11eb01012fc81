//! How long and how large an exchange with the provider may be.

use std::time::Duration;

use crate::transport::MAX_BODY_BYTES;

/// How long making a connection may take.
pub(crate) const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one request may take, its whole answer included. Long answers of large models take minutes.
const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(600);
/// How long a provider may be silent in the middle of a stream.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The most that is read of the body of an error.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// What a client waits for and reads at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(super) connect_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) body_bytes: usize,
    pub(crate) error_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            request_timeout: DEFAULT_REQUEST_TIMEOUT,
            idle_timeout: DEFAULT_IDLE_TIMEOUT,
            body_bytes: MAX_BODY_BYTES,
            error_bytes: MAX_ERROR_BYTES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_waits_and_reads_as_much_as_is_documented() {
        let bounds = Bounds::default();
        let seconds = [
            bounds.connect_timeout,
            bounds.request_timeout,
            bounds.idle_timeout,
        ];
        assert_eq!(seconds.map(|limit| limit.as_secs()), [5, 600, 60]);
        assert_eq!(bounds.body_bytes, 32 << 20);
        assert_eq!(bounds.error_bytes, 64 << 10);
    }
}
