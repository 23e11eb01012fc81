//! What a spool promises.
