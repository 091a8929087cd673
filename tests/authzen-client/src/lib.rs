//! Nothing of its own: the check is an integration test.
