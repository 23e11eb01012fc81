//! The ways by which traces reach a server. Which one it is depends on its version, and on its store.

use crate::server::version::Version;

/// How traces reach a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// From 3.6 with a database: spans over OpenTelemetry, and then what completes each trace.
    Spans {
        /// The server reads compressed spans.
        compressed: bool,
    },
    /// From 3.2, and with files as the store: what a trace is, and then a file of its spans.
    File,
    /// From 2.14: the same in three requests, under an id that the server chooses.
    V2,
    /// A Databricks workspace: as [`Route::File`], but the file goes to a signed address.
    Databricks,
}

impl Route {
    /// The route to a server of this version; `None` if it knows no traces.
    pub(crate) fn to(version: Version) -> Option<Route> {
        match version {
            version if version >= Version(3, 6) => Some(Route::Spans {
                compressed: version >= Version(3, 7),
            }),
            // 3.4 and 3.5 take spans as well, but nothing finds them again.
            version if version >= Version(3, 2) => Some(Route::File),
            version if version >= Version(2, 14) => Some(Route::V2),
            _ => None,
        }
    }

    /// The route to try if the server has no endpoint for this one.
    pub(crate) fn next(self) -> Option<Route> {
        match self {
            Route::Spans { .. } => Some(Route::File),
            Route::File => Some(Route::V2),
            Route::V2 | Route::Databricks => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_route() {
        let route = |text| Version::parse(text).and_then(Route::to);
        assert_eq!(route("2.13.2"), None);
        for version in ["2.14.0", "2.22.5", "3.0.1", "3.1.4"] {
            assert_eq!(route(version), Some(Route::V2), "{version}");
        }
        for version in ["3.2.0", "3.4.0", "3.5.1"] {
            assert_eq!(route(version), Some(Route::File), "{version}");
        }
        let spans = |compressed| Some(Route::Spans { compressed });
        assert_eq!(route("3.6.0"), spans(false));
        for version in ["3.7.0", "3.17.2", "3.18.0.dev0", "4.0.0"] {
            assert_eq!(route(version), spans(true), "{version}");
        }
    }
}
